import { join } from "node:path";
import { Readable } from "node:stream";
import type { GetObjectCommandInput } from "@aws-sdk/client-s3";
import type { TwinContext } from "../context";
import { AwsError, type AwsRequest, type AwsResponse, type AwsService, type Caller, type Operation } from "../service";
import { createAccess } from "./access";
import { type AttributeOperations, attributeOperations } from "./attributes";
import { openBodies } from "./bodies";
import { type BucketOperations, bucketOperations } from "./bucket-operations";
import { openBuckets } from "./buckets";
import { type DocumentOperations, documentOperations } from "./documents";
import { startLifecycle } from "./lifecycle";
import { type ListingOperations, listingOperations } from "./listing";
import { type MultipartOperations, multipartOperations } from "./multipart";
import { createNotifications } from "./notifications";
import { type ObjectOperations, objectOperations } from "./object-operations";
import { createObjectStore } from "./object-store";
import { s3Address } from "./protocol/address";
import { findOperation, type OperationModel } from "./protocol/model";
import { checkPayload } from "./protocol/payload";
import { readInput } from "./protocol/request";
import { identification, writeError, writeLocation, writeOutput } from "./protocol/response";
import { findObject, objectContent } from "./reading";
import { type TaggingOperations, taggingOperations } from "./tagging";
import { type UploadListingOperations, uploadListingOperations } from "./upload-listing";
import { openUploads } from "./uploads";
import { openObjectVersions, type StoredObject } from "./versions";

export interface S3 extends AwsService {
    readonly operations: BucketOperations &
        DocumentOperations &
        ObjectOperations &
        ListingOperations &
        MultipartOperations &
        UploadListingOperations &
        AttributeOperations &
        TaggingOperations;
    /** An object's bytes, for the twin's own services. @throws AwsError `NoSuchBucket`, `NoSuchKey` */
    readObject(bucket: string, key: string): Buffer;
    /**
     * An object's bytes as they are read, for the twin's own services: those of a model may be more than a buffer takes.
     * @throws AwsError as GetObject does, at once.
     */
    openObject(bucket: string, key: string, caller: Caller): Readable;
}

/** Amazon S3 as the twin has it: buckets, objects, notifications to Lambda. REST over XML. */
export function createS3(context: TwinContext): S3 {
    const buckets = openBuckets(context);
    const versions = openObjectVersions(context.store.database);
    const bodies = openBodies(join(context.store.folder, "objects"));
    const access = createAccess(context, buckets);
    const notifications = createNotifications(context, buckets);
    const objects = createObjectStore(context, { buckets, versions, bodies, access, notifications });
    const uploads = openUploads(context);
    const operations = {
        ...bucketOperations(context, { buckets, versions, access }),
        ...documentOperations(context, { buckets, access, notifications }),
        ...objectOperations(objects),
        ...listingOperations(objects),
        ...multipartOperations(context, objects, uploads),
        ...uploadListingOperations(context, objects, uploads),
        ...attributeOperations(objects),
        ...taggingOperations(context, objects, notifications),
    };
    const byName = new Map<string, Operation<never, object>>(Object.entries(operations));
    bodies.sweep(new Set([...versions.files(), ...uploads.files()]));

    const lifecycle = startLifecycle(context, objects, uploads);

    async function answer(request: AwsRequest): Promise<AwsResponse> {
        const address = s3Address(request.headers.host ?? request.headers[":authority"], request.path);
        const operation = findOperation({ ...address, ...request });
        const call = byName.get(operation.name);
        if (call === undefined) {
            throw new AwsError("NotImplemented", `The local twin does not implement s3 ${operation.name}.`, 501);
        }
        checkPayload(request);
        const input = readInput(operation, address, request);
        if (operation.name === "GetObject")
            return getObject(operation, input as unknown as GetObjectCommandInput, request);
        const output: Record<string, unknown> = await call(input as never, request.caller);
        if (operation.name === "HeadObject" && output.ContentRange !== undefined) {
            return { ...writeOutput(operation, output), status: 206 };
        }
        if (operation.name === "GetBucketLocation") return writeLocation(String(output.LocationConstraint));
        return writeOutput(operation, output);
    }

    /** Sends the file as it is read, where the operation called in-process reads all of it. */
    function getObject(operation: OperationModel, input: GetObjectCommandInput, { caller }: AwsRequest): AwsResponse {
        const found = findObject(objects, input, caller);
        const response = writeOutput(operation, { ...found.output, Body: objectContent(objects, found) });
        return { ...response, status: found.range === undefined ? 200 : 206 };
    }

    function stored(bucket: string, key: string): StoredObject | undefined {
        const version = versions.latest(buckets.require(bucket), key);
        return version?.kind === "object" ? version : undefined;
    }

    return {
        signingNames: ["s3"],
        operations,
        async handle(request) {
            const response = await answer(request).catch((error: unknown) => {
                if (error instanceof AwsError) return writeError(error, request);
                throw error;
            });
            return { ...response, headers: { ...response.headers, ...identification(request) } };
        },
        close: lifecycle.stop,
        readObject(bucket, key) {
            const object = stored(bucket, key);
            if (object !== undefined) return bodies.read(object.body);
            throw new AwsError("NoSuchKey", `There is no object s3://${bucket}/${key}.`, 404, { Key: key });
        },
        openObject(bucket, key, caller) {
            const content = objectContent(objects, findObject(objects, { Bucket: bucket, Key: key }, caller));
            return Buffer.isBuffer(content) ? Readable.from(content) : content;
        },
    };
}
