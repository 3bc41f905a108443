// What S3 tells of an object, in the form that functions, queues and topics get and in EventBridge's.

import { randomUUID } from "node:crypto";
import type { NewEvent } from "../events";
import { account, region } from "../service";
import { bucketArn } from "./access";
import { urlEncoded } from "./url-encoding";
import type { StoredVersion } from "./versions";

/** What the twin tells of; S3 has more. */
export type ObjectEvent =
    | "ObjectCreated:Put"
    | "ObjectCreated:Copy"
    | "ObjectCreated:CompleteMultipartUpload"
    | "ObjectRemoved:Delete"
    | "ObjectRemoved:DeleteMarkerCreated"
    | "ObjectTagging:Put"
    | "ObjectTagging:Delete"
    | "LifecycleExpiration:Delete"
    | "LifecycleExpiration:DeleteMarkerCreated";

/** Something that happened to a version of an object. */
export interface Happening {
    readonly event: ObjectEvent;
    readonly version: StoredVersion;
    /** As the answer names the version: undefined in a bucket that never had versions. */
    readonly versionId: string | undefined;
    /** Who did it. */
    readonly principal: string;
    /** By which a consumer orders the events of one key. */
    readonly sequencer: string;
    /** Milliseconds since the epoch. */
    readonly time: number;
}

/** The message that functions, queues and topics get. */
export function notificationMessage(
    { event, version, versionId, principal, sequencer, time }: Happening,
    configurationId: string,
): string {
    const { bucket, key } = version;
    const created = event.startsWith("ObjectCreated") && version.kind === "object";
    const tagged = event.startsWith("ObjectTagging") && version.kind === "object";
    const record = {
        eventVersion: "2.1",
        eventSource: "aws:s3",
        awsRegion: region,
        eventTime: new Date(time).toISOString(),
        eventName: event,
        userIdentity: { principalId: principal },
        requestParameters: { sourceIPAddress: "127.0.0.1" },
        responseElements: { "x-amz-request-id": randomUUID(), "x-amz-id-2": randomUUID() },
        s3: {
            s3SchemaVersion: "1.0",
            configurationId,
            bucket: { name: bucket, ownerIdentity: { principalId: account }, arn: bucketArn(bucket) },
            object: {
                key: urlEncoded(key),
                ...(created ? { size: version.size } : {}),
                ...(created || tagged ? { eTag: version.etag.replaceAll('"', "") } : {}),
                ...(versionId === undefined ? {} : { versionId }),
                sequencer,
            },
        },
    };
    return JSON.stringify({ Records: [record] });
}

/** What S3 sends once when a queue or a topic is to be notified. */
export function testMessage(bucket: string, time: number): string {
    return JSON.stringify({
        Service: "Amazon S3",
        Event: "s3:TestEvent",
        Time: new Date(time).toISOString(),
        Bucket: bucket,
        RequestId: randomUUID(),
        HostId: randomUUID(),
    });
}

const detailTypes: Readonly<Record<string, string>> = {
    ObjectCreated: "Object Created",
    ObjectRemoved: "Object Deleted",
    LifecycleExpiration: "Object Deleted",
    "ObjectTagging:Put": "Object Tags Added",
    "ObjectTagging:Delete": "Object Tags Deleted",
};

const reasons: Readonly<Record<string, string>> = {
    "ObjectCreated:Put": "PutObject",
    "ObjectCreated:Copy": "CopyObject",
    "ObjectCreated:CompleteMultipartUpload": "CompleteMultipartUpload",
    ObjectRemoved: "DeleteObject",
    LifecycleExpiration: "Lifecycle Expiration",
};

/** The event that EventBridge gets from a bucket which tells it. */
export function bridgeEvent({ event, version, versionId, principal, sequencer, time }: Happening): NewEvent {
    const [kind = ""] = event.split(":");
    const { bucket, key } = version;
    const deleted = event.startsWith("ObjectRemoved") || event.startsWith("LifecycleExpiration");
    const reason = reasons[event] ?? reasons[kind];
    return {
        source: "aws.s3",
        detailType: detailTypes[event] ?? detailTypes[kind] ?? event,
        resources: [bucketArn(bucket)],
        time: new Date(time),
        detail: {
            version: "0",
            bucket: { name: bucket },
            object: {
                key,
                ...(version.kind === "object" && !deleted
                    ? { size: version.size, etag: version.etag.replaceAll('"', "") }
                    : {}),
                ...(versionId === undefined ? {} : { "version-id": versionId }),
                sequencer,
            },
            "request-id": randomUUID(),
            requester: principal,
            "source-ip-address": "127.0.0.1",
            ...(reason === undefined ? {} : { reason }),
            ...(deleted
                ? {
                      "deletion-type": event.endsWith("DeleteMarkerCreated")
                          ? "Delete Marker Created"
                          : "Permanently Deleted",
                  }
                : {}),
        },
    };
}
