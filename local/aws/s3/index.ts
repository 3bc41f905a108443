import { join } from "node:path";
import type { GetObjectCommandInput } from "@aws-sdk/client-s3";
import type { TwinContext } from "../context";
import { AwsError, type AwsRequest, type AwsResponse, type AwsService, type Operation } from "../service";
import { createAccess } from "./access";
import { openBodies } from "./bodies";
import { type BucketOperations, bucketOperations } from "./bucket-operations";
import { openBuckets } from "./buckets";
import { type DocumentOperations, documentOperations } from "./documents";
import { startExpiry } from "./expiry";
import { type ListingOperations, listingOperations } from "./listing";
import { type MultipartOperations, multipartOperations } from "./multipart";
import { createNotifications } from "./notifications";
import { type ObjectOperations, objectOperations } from "./object-operations";
import { createObjectStore } from "./object-store";
import { s3Address } from "./protocol/address";
import { findOperation, type OperationModel } from "./protocol/model";
import { readInput } from "./protocol/request";
import { writeError, writeLocation, writeOutput } from "./protocol/response";
import { findObject, objectContent } from "./reading";
import { objectRows, type StoredObject } from "./rows";

export interface S3 extends AwsService {
    readonly operations: BucketOperations &
        DocumentOperations &
        ObjectOperations &
        ListingOperations &
        MultipartOperations;
    /** An object's bytes, for the twin's own services. @throws AwsError `NoSuchBucket`, `NoSuchKey` */
    readObject(bucket: string, key: string): Buffer;
    /**
     * The file that holds a large object's bytes, to be read or linked at once and never written. Undefined for a small
     * object, which has none, and for one that does not exist: {@link readObject} serves both.
     */
    objectFile(bucket: string, key: string): string | undefined;
}

/** Amazon S3 as the twin has it: buckets, objects, notifications to Lambda. REST over XML. */
export function createS3(context: TwinContext): S3 {
    const buckets = openBuckets(context);
    const rows = objectRows(context.store.database);
    const bodies = openBodies(join(context.store.folder, "objects"));
    const access = createAccess(context, buckets);
    const notifications = createNotifications(context, buckets);
    const objects = createObjectStore(context, { buckets, rows, bodies, access, notifications });
    const multipart = multipartOperations(context, objects);
    const operations = {
        ...bucketOperations(context, { buckets, rows, access }),
        ...documentOperations(context, { buckets, access, notifications }),
        ...objectOperations(objects),
        ...listingOperations({ buckets, rows, access }),
        ...multipart.operations,
    };
    const byName = new Map<string, Operation<never, object>>(Object.entries(operations));
    bodies.sweep(new Set([...rows.files(), ...multipart.files()]));

    const expiry = startExpiry(context, objects);

    async function answer(request: AwsRequest): Promise<AwsResponse> {
        const address = s3Address(request.headers.host ?? request.headers[":authority"], request.path);
        const operation = findOperation({ ...address, ...request });
        const call = byName.get(operation.name);
        if (call === undefined) {
            throw new AwsError("NotImplemented", `The local twin does not implement s3 ${operation.name}.`, 501);
        }
        const input = readInput(operation, address, request);
        if (operation.name === "GetObject")
            return getObject(operation, input as unknown as GetObjectCommandInput, request);
        const output: Record<string, unknown> = await call(input as never, request.caller);
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
        return rows.get(buckets.require(bucket), key);
    }

    return {
        signingNames: ["s3"],
        operations,
        async handle(request) {
            try {
                return await answer(request);
            } catch (error) {
                if (error instanceof AwsError) return writeError(error, request);
                throw error;
            }
        },
        close: expiry.stop,
        readObject(bucket, key) {
            const object = stored(bucket, key);
            if (object !== undefined) return bodies.read(object.body);
            throw new AwsError("NoSuchKey", `There is no object s3://${bucket}/${key}.`, 404, { Key: key });
        },
        objectFile(bucket, key) {
            const object = stored(bucket, key);
            return object && bodies.path(object.body);
        },
    };
}
