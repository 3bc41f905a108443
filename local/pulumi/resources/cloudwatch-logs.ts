import { root } from "../../aws/service";
import type { Services } from "../../aws/services";
import { createOnce, orUndo, unlessMissing } from "../provider/outcome";
import { resourceType } from "../provider/resource-type";
import { flag, mapOf, number, oneOf, recordedOnly, text } from "../provider/shape";
import { arn } from "./arn";
import { changeTags } from "./tags";

const missing = ["ResourceNotFoundException"];

export const logGroup = resourceType({
    type: "aws:cloudwatch/logGroup:LogGroup",
    arguments: {
        name: text,
        namePrefix: text,
        retentionInDays: number,
        kmsKeyId: recordedOnly(text, "the twin's store is not encrypted"),
        logGroupClass: oneOf("STANDARD", "INFREQUENT_ACCESS", "DELIVERY"),
        skipDestroy: flag,
        tags: mapOf(text),
    },
    replacedBy: ["logGroupClass"],
    assumed: { retentionInDays: 0 },
    naming: { property: "name", prefixProperty: "namePrefix", maximum: 512 },

    async create(inputs, { services: { logs } }, resumed) {
        const logGroupName = String(inputs.name);
        await createOnce(resumed, "ResourceAlreadyExistsException", () =>
            logs.operations.CreateLogGroup(
                { logGroupName, tags: inputs.tags === undefined ? undefined : { ...inputs.tags } },
                root,
            ),
        );
        await orUndo(
            () => retain(logs, logGroupName, inputs.retentionInDays),
            () => logs.operations.DeleteLogGroup({ logGroupName }, root),
        );
        return { id: logGroupName, outputs: computed(logGroupName) };
    },

    async read(id, { services: { logs } }) {
        const { logGroups = [] } = await logs.operations.DescribeLogGroups({ logGroupNamePrefix: id }, root);
        const found = logGroups.find(({ logGroupName }) => logGroupName === id);
        if (found === undefined) return undefined;
        const { arn: resourceArn } = computed(id);
        const { tags } = await logs.operations.ListTagsForResource({ resourceArn }, root);
        return { name: id, retentionInDays: found.retentionInDays ?? 0, tags, ...computed(id) };
    },

    async update({ id, inputs: earlier }, inputs, { services: { logs } }) {
        if (earlier.retentionInDays !== inputs.retentionInDays) await retain(logs, id, inputs.retentionInDays, true);
        const { arn: resourceArn } = computed(id);
        await changeTags(earlier.tags, inputs.tags, {
            remove: (tagKeys) => logs.operations.UntagResource({ resourceArn, tagKeys }, root),
            add: (tags) => logs.operations.TagResource({ resourceArn, tags }, root),
        });
        return computed(id);
    },

    async delete({ id, inputs }, { services: { logs } }) {
        if (inputs.skipDestroy) return;
        await unlessMissing(missing, () => logs.operations.DeleteLogGroup({ logGroupName: id }, root));
    },
});

/** No number of days, or 0, keeps the log for good. */
async function retain(logs: Services["logs"], logGroupName: string, days: number | undefined, again = false) {
    if (days !== undefined && days > 0) {
        await logs.operations.PutRetentionPolicy({ logGroupName, retentionInDays: days }, root);
    } else if (again) {
        await logs.operations.DeleteRetentionPolicy({ logGroupName }, root);
    }
}

function computed(name: string) {
    return { arn: arn("logs", `log-group:${name}`) };
}
