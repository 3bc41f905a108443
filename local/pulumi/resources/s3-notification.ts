import type { LambdaFunctionConfiguration, QueueConfiguration, TopicConfiguration } from "@aws-sdk/client-s3";
import { root } from "../../aws/service";
import { type ArgumentsOf, chosen, flag, listOf, object, required, text } from "../provider/shape";
import { bucketSetting } from "./s3-setting";

const notified = { id: chosen(text), events: required(listOf(text)), filterPrefix: text, filterSuffix: text };

/** What a bucket tells functions, queues, topics and EventBridge. */
export const notification = bucketSetting({
    type: "aws:s3/bucketNotification:BucketNotification",
    arguments: {
        eventbridge: flag,
        lambdaFunctions: listOf(object({ ...notified, lambdaFunctionArn: required(text) })),
        queues: listOf(object({ ...notified, queueArn: required(text) })),
        topics: listOf(object({ ...notified, topicArn: required(text) })),
    },
    put: (s3, { bucket: Bucket, eventbridge, lambdaFunctions, queues, topics }) =>
        s3.operations.PutBucketNotificationConfiguration(
            {
                Bucket,
                NotificationConfiguration: {
                    LambdaFunctionConfigurations: lambdaFunctions?.map((target) => ({
                        ...notificationInput(target),
                        LambdaFunctionArn: target.lambdaFunctionArn,
                    })),
                    QueueConfigurations: queues?.map((target) => ({
                        ...notificationInput(target),
                        QueueArn: target.queueArn,
                    })),
                    TopicConfigurations: topics?.map((target) => ({
                        ...notificationInput(target),
                        TopicArn: target.topicArn,
                    })),
                    ...(eventbridge === true ? { EventBridgeConfiguration: {} } : {}),
                },
            },
            root,
        ),
    async get(s3, Bucket) {
        const found = await s3.operations.GetBucketNotificationConfiguration({ Bucket }, root);
        const settings = {
            lambdaFunctions: found.LambdaFunctionConfigurations?.map((target) => ({
                ...notifiedOf(target),
                lambdaFunctionArn: target.LambdaFunctionArn,
            })),
            queues: found.QueueConfigurations?.map((target) => ({ ...notifiedOf(target), queueArn: target.QueueArn })),
            topics: found.TopicConfigurations?.map((target) => ({ ...notifiedOf(target), topicArn: target.TopicArn })),
            eventbridge: found.EventBridgeConfiguration && true,
        };
        const isSet = (setting: unknown) => setting === true || (Array.isArray(setting) && setting.length > 0);
        return Object.values(settings).some(isSet) ? settings : undefined;
    },
    remove: (s3, Bucket) =>
        s3.operations.PutBucketNotificationConfiguration({ Bucket, NotificationConfiguration: {} }, root),
});

function notificationInput(target: ArgumentsOf<typeof notified>) {
    return {
        Id: target.id,
        // The service knows which events there are, and refuses others.
        Events: [...target.events] as never[],
        ...filter(target),
    };
}

function filter({ filterPrefix, filterSuffix }: { readonly filterPrefix?: string; readonly filterSuffix?: string }) {
    const FilterRules = [
        ...(filterPrefix === undefined ? [] : [{ Name: "prefix" as const, Value: filterPrefix }]),
        ...(filterSuffix === undefined ? [] : [{ Name: "suffix" as const, Value: filterSuffix }]),
    ];
    return FilterRules.length === 0 ? {} : { Filter: { Key: { FilterRules } } };
}

function notifiedOf({ Id, Events, Filter }: LambdaFunctionConfiguration | QueueConfiguration | TopicConfiguration) {
    const rules = Filter?.Key?.FilterRules ?? [];
    const value = (name: string) => rules.find(({ Name }) => Name?.toLowerCase() === name)?.Value;
    return { id: Id, events: Events, filterPrefix: value("prefix"), filterSuffix: value("suffix") };
}
