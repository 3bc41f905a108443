import type {
    CreateBucketCommandInput,
    CreateBucketCommandOutput,
    DeleteBucketCommandInput,
    DeleteBucketCommandOutput,
    GetBucketLocationCommandInput,
    GetBucketLocationCommandOutput,
    HeadBucketCommandInput,
    HeadBucketCommandOutput,
    ListBucketsCommandInput,
    ListBucketsCommandOutput,
} from "@aws-sdk/client-s3";
import type { TwinContext } from "../context";
import { AwsError, account, type Operation, region } from "../service";
import { type Access, bucketArn } from "./access";
import type { Buckets } from "./buckets";
import type { ObjectVersions } from "./versions";

export interface BucketOperations {
    CreateBucket: Operation<CreateBucketCommandInput, CreateBucketCommandOutput>;
    DeleteBucket: Operation<DeleteBucketCommandInput, DeleteBucketCommandOutput>;
    HeadBucket: Operation<HeadBucketCommandInput, HeadBucketCommandOutput>;
    ListBuckets: Operation<ListBucketsCommandInput, ListBucketsCommandOutput>;
    GetBucketLocation: Operation<GetBucketLocationCommandInput, GetBucketLocationCommandOutput>;
}

const bucketName =
    /^(?!xn--|sthree-|amzn-s3-demo-)(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9](?:[a-z0-9]|[.-](?!\.)){1,61}[a-z0-9]$/;

export function bucketOperations(
    { store, iam }: TwinContext,
    { buckets, versions, access }: { buckets: Buckets; versions: ObjectVersions; access: Access },
): BucketOperations {
    return {
        async CreateBucket({ Bucket = "", CreateBucketConfiguration }, caller) {
            if (!bucketName.test(Bucket)) {
                throw new AwsError("InvalidBucketName", "The specified bucket is not valid.", 400, {
                    BucketName: Bucket,
                });
            }
            iam.authorize(caller, "s3:CreateBucket", bucketArn(Bucket), {
                code: "AccessDenied",
                shown: { resource: `"${bucketArn(Bucket)}"` },
            });
            const location = CreateBucketConfiguration?.LocationConstraint;
            if (location !== undefined && location !== region) {
                throw new AwsError(
                    "IllegalLocationConstraintException",
                    `The ${location} location constraint is incompatible for the region specific endpoint this request was sent to.`,
                );
            }
            await store.commit(() => buckets.create(Bucket));
            return { Location: `/${Bucket}` };
        },

        async DeleteBucket({ Bucket }, caller) {
            const bucket = buckets.require(Bucket);
            access.bucket(caller, "s3:DeleteBucket", bucket);
            await store.commit(() => {
                buckets.require(bucket);
                if (!versions.isEmpty(bucket)) {
                    throw new AwsError("BucketNotEmpty", "The bucket you tried to delete is not empty", 409, {
                        BucketName: bucket,
                    });
                }
                buckets.delete(bucket);
            });
            return {};
        },

        async HeadBucket({ Bucket }, caller) {
            const bucket = buckets.require(Bucket);
            access.bucket(caller, "s3:ListBucket", bucket);
            return { BucketRegion: region };
        },

        async ListBuckets({ Prefix, MaxBuckets, ContinuationToken }, caller) {
            iam.authorize(caller, "s3:ListAllMyBuckets", "*", { code: "AccessDenied", shown: { resource: "" } });
            const matching = buckets
                .list()
                .filter(({ name }) => name.startsWith(Prefix ?? "") && name > (ContinuationToken ?? ""));
            const page = matching.slice(0, MaxBuckets ?? 10_000);
            return {
                Buckets: page.map(({ name, created }) => ({
                    Name: name,
                    CreationDate: new Date(created),
                    // As documented: only for a request that has a parameter.
                    ...(Prefix === undefined && MaxBuckets === undefined && ContinuationToken === undefined
                        ? {}
                        : { BucketRegion: region }),
                })),
                Owner: { ID: account },
                ContinuationToken: matching.length > page.length ? page.at(-1)?.name : undefined,
            };
        },

        async GetBucketLocation({ Bucket }, caller) {
            access.bucket(caller, "s3:GetBucketLocation", buckets.require(Bucket));
            return { LocationConstraint: region };
        },
    };
}
