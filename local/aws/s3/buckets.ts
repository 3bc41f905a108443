import type { BucketVersioningStatus } from "@aws-sdk/client-s3";
import type { TwinContext } from "../context";
import { AwsError } from "../service";

/** The buckets and the documents that configure them: policy, encryption, notifications and the like. */
export interface Buckets {
    /** Undefined for a bucket that never had versions. */
    versioning(bucket: string): BucketVersioningStatus | undefined;
    /** @throws AwsError `NoSuchBucket` */
    require(bucket: string | undefined): string;
    create(bucket: string): void;
    delete(bucket: string): void;
    list(): { name: string; created: number }[];
    /** What was stored under a name, in the SDK's shape. */
    document<Document>(bucket: string, name: string): Document | undefined;
    putDocument(bucket: string, name: string, document: object): void;
    deleteDocument(bucket: string, name: string): void;
}

export function openBuckets({ store: { database }, clock }: Pick<TwinContext, "store" | "clock">): Buckets {
    database.exec(`
        CREATE TABLE IF NOT EXISTS s3_buckets (name TEXT PRIMARY KEY, created INTEGER NOT NULL) STRICT;
        CREATE TABLE IF NOT EXISTS s3_documents (
            bucket TEXT NOT NULL REFERENCES s3_buckets (name) ON DELETE CASCADE,
            name TEXT NOT NULL, document TEXT NOT NULL, PRIMARY KEY (bucket, name)
        ) STRICT`);
    const find = database.prepare("SELECT 1 FROM s3_buckets WHERE name = ?");
    const document = database.prepare("SELECT document FROM s3_documents WHERE bucket = ? AND name = ?");
    const put = database.prepare("INSERT OR REPLACE INTO s3_documents (bucket, name, document) VALUES (?, ?, ?)");
    const remove = database.prepare("DELETE FROM s3_documents WHERE bucket = ? AND name = ?");

    function stored<Document>(bucket: string, name: string): Document | undefined {
        const row = document.get(bucket, name) as { document: string } | undefined;
        return row === undefined ? undefined : (JSON.parse(row.document) as Document);
    }

    return {
        versioning: (bucket) => stored<{ Status?: BucketVersioningStatus }>(bucket, "versioning")?.Status,
        require(bucket) {
            if (bucket !== undefined && find.get(bucket) !== undefined) return bucket;
            throw new AwsError("NoSuchBucket", "The specified bucket does not exist", 404, {
                BucketName: bucket ?? "",
            });
        },
        create(bucket) {
            if (find.get(bucket) !== undefined) {
                throw new AwsError(
                    "BucketAlreadyOwnedByYou",
                    "Your previous request to create the named bucket succeeded and you already own it.",
                    409,
                    { BucketName: bucket },
                );
            }
            database.prepare("INSERT INTO s3_buckets (name, created) VALUES (?, ?)").run(bucket, clock.now());
        },
        delete: (bucket) => void database.prepare("DELETE FROM s3_buckets WHERE name = ?").run(bucket),
        list: () =>
            database.prepare("SELECT name, created FROM s3_buckets ORDER BY name").all() as unknown as {
                name: string;
                created: number;
            }[],
        document: stored,
        putDocument: (bucket, name, value) => void put.run(bucket, name, JSON.stringify(value)),
        deleteDocument: (bucket, name) => void remove.run(bucket, name),
    };
}
