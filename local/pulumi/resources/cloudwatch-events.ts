import { root } from "../../aws/service";
import { foundOrUndefined, unlessMissing } from "../provider/outcome";
import { resourceType } from "../provider/resource-type";
import {
    type ArgumentsOf,
    document,
    flag,
    listOf,
    mapOf,
    number,
    object,
    oneOf,
    recordedOnly,
    required,
    text,
} from "../provider/shape";
import { arn } from "./arn";
import { putTags, tagsOf } from "./cloudwatch-event-bus";
import { tagList } from "./tags";

const missing = ["ResourceNotFoundException"];

const ruleArguments = {
    name: text,
    namePrefix: text,
    description: text,
    eventBusName: text,
    eventPattern: document,
    scheduleExpression: text,
    isEnabled: flag,
    state: oneOf("ENABLED", "DISABLED"),
    roleArn: text,
    forceDestroy: flag,
    tags: mapOf(text),
};

function ruleInput(inputs: ArgumentsOf<typeof ruleArguments>) {
    const { eventPattern: pattern } = inputs;
    return {
        Name: String(inputs.name),
        Description: inputs.description,
        EventBusName: inputs.eventBusName,
        EventPattern: pattern === undefined || typeof pattern === "string" ? pattern : JSON.stringify(pattern),
        ScheduleExpression: inputs.scheduleExpression,
        State: inputs.state ?? (inputs.isEnabled === false ? ("DISABLED" as const) : ("ENABLED" as const)),
        RoleArn: inputs.roleArn,
    };
}

export const eventRule = resourceType({
    type: "aws:cloudwatch/eventRule:EventRule",
    arguments: ruleArguments,
    replacedBy: ["eventBusName"],
    assumed: { state: "ENABLED", isEnabled: true },
    naming: { property: "name", prefixProperty: "namePrefix", maximum: 64 },

    validate({ eventPattern, scheduleExpression }) {
        if (eventPattern !== undefined || scheduleExpression !== undefined) return [];
        return [{ property: "eventPattern", reason: "must be given, or else scheduleExpression" }];
    },

    async create(inputs, { services: { events } }) {
        const tags = inputs.tags === undefined ? {} : { Tags: tagList(inputs.tags) };
        const { RuleArn } = await events.operations.PutRule({ ...ruleInput(inputs), ...tags }, root);
        return { id: String(inputs.name), outputs: { arn: RuleArn ?? arn("events", `rule/${inputs.name}`) } };
    },

    async read(id, { services: { events } }, inputs) {
        const EventBusName = inputs?.eventBusName;
        const found = await foundOrUndefined(missing, () =>
            events.operations.DescribeRule({ Name: id, EventBusName }, root),
        );
        if (found === undefined) return undefined;
        return {
            name: id,
            description: found.Description,
            eventPattern: found.EventPattern,
            scheduleExpression: found.ScheduleExpression,
            // Either argument says it.
            ...(inputs?.isEnabled === undefined ? { state: found.State } : { isEnabled: found.State === "ENABLED" }),
            roleArn: found.RoleArn,
            tags: await tagsOf(events, found.Arn),
            arn: found.Arn,
        };
    },

    async update({ inputs: earlier }, inputs, { services: { events } }) {
        const { RuleArn } = await events.operations.PutRule(ruleInput(inputs), root);
        await putTags(events, String(RuleArn), earlier.tags, inputs.tags);
        return {};
    },

    async delete({ id, inputs: { eventBusName: EventBusName } }, { services: { events } }) {
        await unlessMissing(missing, () => events.operations.DeleteRule({ Name: id, EventBusName }, root));
    },
});

const targetArguments = {
    rule: required(text),
    arn: required(text),
    targetId: text,
    eventBusName: text,
    roleArn: text,
    input: text,
    inputPath: text,
    inputTransformer: object({ inputPaths: mapOf(text), inputTemplate: required(text) }),
    retryPolicy: object({ maximumEventAgeInSeconds: number, maximumRetryAttempts: number }),
    deadLetterConfig: object({ arn: text }),
    forceDestroy: flag,
    sqsTarget: object({ messageGroupId: text }),
    kinesisTarget: object({ partitionKeyPath: text }),
    httpTarget: object({
        pathParameterValues: listOf(text),
        headerParameters: mapOf(text),
        queryStringParameters: mapOf(text),
    }),
    runCommandTargets: recordedOnly(
        listOf(object({ key: required(text), values: required(listOf(text)) })),
        "the twin has no Systems Manager",
    ),
};

function targetInput(inputs: ArgumentsOf<typeof targetArguments>) {
    const { inputTransformer, retryPolicy, deadLetterConfig, sqsTarget, kinesisTarget, httpTarget } = inputs;
    return {
        Rule: inputs.rule,
        EventBusName: inputs.eventBusName,
        Targets: [
            {
                Id: String(inputs.targetId),
                Arn: inputs.arn,
                RoleArn: inputs.roleArn,
                Input: inputs.input,
                InputPath: inputs.inputPath,
                ...(inputTransformer === undefined
                    ? {}
                    : {
                          InputTransformer: {
                              InputPathsMap: { ...inputTransformer.inputPaths },
                              InputTemplate: inputTransformer.inputTemplate,
                          },
                      }),
                ...(retryPolicy === undefined
                    ? {}
                    : {
                          RetryPolicy: {
                              MaximumEventAgeInSeconds: retryPolicy.maximumEventAgeInSeconds,
                              MaximumRetryAttempts: retryPolicy.maximumRetryAttempts,
                          },
                      }),
                ...(sqsTarget && { SqsParameters: { MessageGroupId: sqsTarget.messageGroupId } }),
                ...(kinesisTarget && { KinesisParameters: { PartitionKeyPath: kinesisTarget.partitionKeyPath } }),
                ...(httpTarget && {
                    HttpParameters: {
                        PathParameterValues: httpTarget.pathParameterValues && [...httpTarget.pathParameterValues],
                        HeaderParameters: httpTarget.headerParameters && { ...httpTarget.headerParameters },
                        QueryStringParameters: httpTarget.queryStringParameters && {
                            ...httpTarget.queryStringParameters,
                        },
                    },
                }),
                ...(deadLetterConfig === undefined ? {} : { DeadLetterConfig: { Arn: deadLetterConfig.arn } }),
            },
        ],
    };
}

export const eventTarget = resourceType({
    type: "aws:cloudwatch/eventTarget:EventTarget",
    arguments: targetArguments,
    replacedBy: ["rule", "eventBusName"],
    naming: { property: "targetId", maximum: 64 },
    identity: ["rule", "eventBusName", "targetId"],

    async create(inputs, { services: { events } }) {
        await events.operations.PutTargets(targetInput(inputs), root);
        return { id: `${inputs.rule}-${inputs.targetId}`, outputs: {} };
    },

    /** To be imported it is called RULE/TARGET. */
    async read(id, { services: { events } }, inputs) {
        const [ruleName, target] = id.split("/");
        const Rule = inputs?.rule ?? ruleName;
        const EventBusName = inputs?.eventBusName;
        const listed = await foundOrUndefined(missing, () =>
            events.operations.ListTargetsByRule({ Rule, EventBusName }, root),
        );
        const found = listed?.Targets?.find(({ Id }) => Id === (inputs?.targetId ?? target));
        if (found === undefined) return undefined;
        const { RetryPolicy: retry, InputTransformer: transformer, DeadLetterConfig, HttpParameters: http } = found;
        return {
            rule: Rule,
            targetId: found.Id,
            arn: found.Arn,
            roleArn: found.RoleArn,
            input: found.Input,
            inputPath: found.InputPath,
            inputTransformer: transformer && {
                inputPaths: transformer.InputPathsMap,
                inputTemplate: transformer.InputTemplate,
            },
            deadLetterConfig: DeadLetterConfig && { arn: DeadLetterConfig.Arn },
            retryPolicy: retry && {
                maximumEventAgeInSeconds: retry.MaximumEventAgeInSeconds,
                maximumRetryAttempts: retry.MaximumRetryAttempts,
            },
            sqsTarget: found.SqsParameters && { messageGroupId: found.SqsParameters.MessageGroupId },
            kinesisTarget: found.KinesisParameters && { partitionKeyPath: found.KinesisParameters.PartitionKeyPath },
            httpTarget: http && {
                pathParameterValues: http.PathParameterValues,
                headerParameters: http.HeaderParameters,
                queryStringParameters: http.QueryStringParameters,
            },
        };
    },

    async update(_, inputs, { services: { events } }) {
        await events.operations.PutTargets(targetInput(inputs), root);
        return {};
    },

    async delete({ inputs: { rule: Rule, targetId, eventBusName: EventBusName } }, { services: { events } }) {
        await unlessMissing(missing, () =>
            events.operations.RemoveTargets({ Rule, EventBusName, Ids: [String(targetId)] }, root),
        );
    },
});
