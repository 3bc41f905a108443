import type { ChecksumAlgorithm, ChecksumType, CreateMultipartUploadCommandInput } from "@aws-sdk/client-s3";
import { AwsError } from "../service";
import {
    algorithmsOf,
    type Checksums,
    checksumName,
    checksumOf,
    compareChecksum,
    isCrc,
    type ObjectChecksums,
    runningChecksum,
    sentChecksums,
} from "./checksums";

/** Which checksum an object that is uploaded in parts gets. */
export interface UploadChecksum {
    readonly algorithm: ChecksumAlgorithm;
    /** Whether it is of the object's bytes, or of its parts' checksums. */
    readonly type: ChecksumType;
}

type Declaration = Pick<CreateMultipartUploadCommandInput, "ChecksumAlgorithm" | "ChecksumType">;

/**
 * What an upload says at its beginning about its checksum; undefined when it says nothing.
 * @throws AwsError `InvalidRequest` when type and algorithm do not go together, `NotImplemented` for an algorithm that
 * the twin cannot compute.
 */
export function declaredChecksum({
    ChecksumAlgorithm: algorithm,
    ChecksumType: type,
}: Declaration): UploadChecksum | undefined {
    if (algorithm !== undefined) return checkedType(algorithm, type ?? usualType(algorithm));
    if (type === undefined) return undefined;
    throw invalid("The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.");
}

function usualType(algorithm: ChecksumAlgorithm): ChecksumType {
    return algorithm === "CRC64NVME" ? "FULL_OBJECT" : "COMPOSITE";
}

function checkedType(algorithm: ChecksumAlgorithm, type: ChecksumType): UploadChecksum {
    const isPossible = type === "FULL_OBJECT" ? isCrc(checksumName(algorithm)) : algorithm !== "CRC64NVME";
    if (isPossible) return { algorithm, type };
    throw invalid(`The ${type} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`);
}

/** The checksums that are kept of a part: what was sent, else that of the upload. @throws AwsError `InvalidRequest` */
export function partChecksums(declared: UploadChecksum | undefined, sent: Checksums, content: Buffer): Checksums {
    if (declared === undefined) return sent;
    checkAlgorithm(declared, sent);
    const name = checksumName(declared.algorithm);
    return { [name]: sent[name] ?? checksumOf(name, content).toString("base64") };
}

function checkAlgorithm({ algorithm }: UploadChecksum, sent: Checksums): void {
    const other = algorithmsOf(sent).find((one) => one !== algorithm);
    if (other === undefined) return;
    throw invalid(
        `Checksum Type mismatch occurred, expected checksum Type: ${algorithm.toLowerCase()}, actual checksum Type: ${other.toLowerCase()}`,
    );
}

/** The checksum of an object that is made of parts. */
export interface JoinedChecksum {
    /** Takes the next part's bytes. */
    add(part: Buffer): void;
    checksums(): ObjectChecksums;
    /** @throws AwsError `BadDigest` when the end of the upload said another one. */
    verify(): void;
}

/**
 * Begins the checksum that an object gets: as the upload said at its beginning; else as its end says; else CRC64NVME,
 * as S3 has it.
 * @throws AwsError `InvalidRequest` for an algorithm that is not the upload's, `BadDigest` for another type
 */
export function joinedChecksum(
    declared: UploadChecksum | undefined,
    end: { readonly ChecksumType?: ChecksumType },
): JoinedChecksum {
    const sent = sentChecksums(end);
    const { algorithm, type } = declared ?? saidAtTheEnd(sent, end.ChecksumType);
    checkAlgorithm({ algorithm, type }, sent);
    if (end.ChecksumType !== undefined && end.ChecksumType !== type) {
        throw new AwsError(
            "BadDigest",
            `The checksum type you specified, ${end.ChecksumType}, is not that of the upload, ${type}.`,
        );
    }
    const name = checksumName(algorithm);
    const sum = runningChecksum(name);
    let parts = 0;
    let value: string | undefined;
    const computed = () => {
        value ??= sum.digest().toString("base64");
        return type === "COMPOSITE" ? `${value}-${parts}` : value;
    };
    return {
        add(part) {
            sum.update(type === "COMPOSITE" ? checksumOf(name, part) : part);
            parts++;
        },
        checksums: () => ({ [name]: computed(), ChecksumType: type }),
        verify() {
            const expected = sent[name];
            // Of a composite checksum clients may leave out how many parts it is of.
            if (expected !== undefined && expected !== value) compareChecksum(algorithm, computed(), expected);
        },
    };
}

function saidAtTheEnd(sent: Checksums, type: ChecksumType | undefined): UploadChecksum {
    const [algorithm = "CRC64NVME"] = algorithmsOf(sent);
    const name = checksumName(algorithm);
    const isFull = isCrc(name) && sent[name]?.includes("-") !== true;
    return checkedType(algorithm, type ?? (isFull ? "FULL_OBJECT" : "COMPOSITE"));
}

function invalid(message: string): AwsError {
    return new AwsError("InvalidRequest", message);
}
