import type { GetObjectAttributesCommandInput, GetObjectAttributesCommandOutput } from "@aws-sdk/client-s3";
import type { Operation } from "../service";
import { checksumMembers } from "./checksums";
import { notImplemented } from "./errors";
import type { ObjectStore } from "./object-store";
import { readableVersion } from "./reading";

export interface AttributeOperations {
    GetObjectAttributes: Operation<GetObjectAttributesCommandInput, GetObjectAttributesCommandOutput>;
}

export function attributeOperations(objects: ObjectStore): AttributeOperations {
    return {
        async GetObjectAttributes(input, caller) {
            const wanted: readonly string[] = input.ObjectAttributes ?? [];
            if (wanted.includes("ObjectParts")) throw notImplemented("the attribute ObjectParts");
            readableVersion(objects, input, caller, "s3:GetObjectAttributes");
            const object = readableVersion(objects, input, caller, "s3:GetObject");
            // What cannot be read should not look as if it could.
            objects.bodies.check(object.body);
            const checksums = checksumMembers(object.checksums);
            const all = {
                ETag: object.etag.replaceAll('"', ""),
                ObjectSize: object.size,
                StorageClass: (object.headers.StorageClass ?? "STANDARD") as "STANDARD",
                Checksum: Object.keys(checksums).length === 0 ? undefined : checksums,
            };
            return {
                LastModified: new Date(object.modified),
                VersionId: objects.shownVersion(object),
                ...Object.fromEntries(Object.entries(all).filter(([name]) => wanted.includes(name))),
            };
        },
    };
}
