import { root } from "../../aws/service";
import type { Services } from "../../aws/services";
import { foundOrUndefined, unlessMissing } from "../provider/outcome";
import { resourceType } from "../provider/resource-type";
import { mapOf, object, required, text } from "../provider/shape";
import { changeTags, type Tags, tagList, tagMap } from "./tags";

const missing = ["ResourceNotFoundException"];

export const eventBus = resourceType({
    type: "aws:cloudwatch/eventBus:EventBus",
    arguments: {
        name: text,
        description: text,
        deadLetterConfig: object({ arn: required(text) }),
        tags: mapOf(text),
    },
    replacedBy: ["name"],
    assumed: { description: "" },
    naming: { property: "name", maximum: 256 },

    async create(inputs, { services: { events } }) {
        const { EventBusArn: arn } = await events.operations.CreateEventBus(
            {
                Name: String(inputs.name),
                Description: inputs.description,
                ...(inputs.deadLetterConfig && { DeadLetterConfig: { Arn: inputs.deadLetterConfig.arn } }),
                ...(inputs.tags && { Tags: tagList(inputs.tags) }),
            },
            root,
        );
        return { id: String(inputs.name), outputs: { arn } };
    },

    async read(id, { services: { events } }) {
        const found = await foundOrUndefined(missing, () => events.operations.DescribeEventBus({ Name: id }, root));
        if (found === undefined) return undefined;
        const { Arn, Description, DeadLetterConfig } = found;
        return {
            name: id,
            description: Description,
            deadLetterConfig: DeadLetterConfig?.Arn === undefined ? undefined : { arn: DeadLetterConfig.Arn },
            tags: await tagsOf(events, Arn),
            arn: Arn,
        };
    },

    async update({ id, inputs: earlier }, { description, deadLetterConfig, tags }, { services: { events } }) {
        const { Arn } = await events.operations.UpdateEventBus(
            { Name: id, Description: description ?? "", DeadLetterConfig: { Arn: deadLetterConfig?.arn } },
            root,
        );
        await putTags(events, String(Arn), earlier.tags, tags);
        return {};
    },

    async delete({ id }, { services: { events } }) {
        await unlessMissing(missing, () => events.operations.DeleteEventBus({ Name: id }, root));
    },
});

/** The tags of a rule or bus. */
export async function tagsOf({ operations }: Services["events"], ResourceARN: string | undefined): Promise<Tags> {
    return tagMap((await operations.ListTagsForResource({ ResourceARN }, root)).Tags);
}

/** Makes the tags of a rule or bus what they are to be. */
export async function putTags(
    { operations }: Services["events"],
    ResourceARN: string,
    earlier: Tags | undefined,
    tags: Tags | undefined,
): Promise<void> {
    await changeTags(earlier, tags, {
        remove: (TagKeys) => operations.UntagResource({ ResourceARN, TagKeys }, root),
        add: (added) => operations.TagResource({ ResourceARN, Tags: tagList(added) }, root),
    });
}
