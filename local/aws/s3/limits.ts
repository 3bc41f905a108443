import { AwsError } from "../service";

/** Bytes of the names and values of an object's own metadata. */
const largestMetadata = 2048;

/** Those that a bucket in a region has: others of the SDK's are of directory buckets, Outposts and Snow. */
const storageClasses: readonly string[] = [
    "STANDARD",
    "REDUCED_REDUNDANCY",
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "GLACIER",
    "GLACIER_IR",
    "DEEP_ARCHIVE",
];

/** @throws AwsError `MetadataTooLarge`, `InvalidStorageClass` */
export function checkLimits({
    Metadata = {},
    StorageClass,
}: {
    readonly Metadata?: Readonly<Record<string, string>>;
    readonly StorageClass?: string;
}): void {
    const size = Object.entries(Metadata)
        .flat()
        .reduce((sum, text) => sum + Buffer.byteLength(text), 0);
    if (size > largestMetadata) {
        throw new AwsError(
            "MetadataTooLarge",
            `Your metadata headers exceed the maximum allowed metadata size: ${size} bytes; the maximum is ${largestMetadata}.`,
            400,
            { Size: size, MaxSizeAllowed: largestMetadata },
        );
    }
    if (StorageClass !== undefined && !storageClasses.includes(StorageClass)) {
        throw new AwsError(
            "InvalidStorageClass",
            `The storage class you specified is not valid. It is one of ${storageClasses.join(", ")}.`,
            400,
            { StorageClassRequested: StorageClass },
        );
    }
}
