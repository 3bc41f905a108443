import type {
    ListTagsForResourceInput,
    ListTagsForResourceOutput,
    Tag,
    TagResourceInput,
    UntagResourceInput,
} from "@aws-sdk/client-cloudwatch";
import type { TwinContext } from "../../context";
import { AwsError, type Caller, type Operation } from "../../service";
import { refuseAll, required } from "../errors";
import { type Alarm, alarmName } from "./alarm";
import type { AlarmStore } from "./alarm-store";

export interface TagOperations {
    TagResource: Operation<TagResourceInput, object>;
    UntagResource: Operation<UntagResourceInput, object>;
    ListTagsForResource: Operation<ListTagsForResourceInput, ListTagsForResourceOutput>;
}

const mostTags = 50;

/** The tags of alarms, the only resources with tags that the twin has of CloudWatch. */
export function tagOperations({ iam, store }: TwinContext, alarms: AlarmStore): TagOperations {
    function permitted(caller: Caller, action: string, given: string | undefined): Alarm {
        const arn = required(given, "ResourceARN");
        iam.authorize(caller, `cloudwatch:${action}`, arn, { code: "AccessDenied" });
        const alarm = alarms.find(alarmName(arn) ?? "");
        if (alarm !== undefined) return alarm;
        throw new AwsError("ResourceNotFoundException", `Unknown resource ${arn}`, 404, {
            ResourceType: "Alarm",
            ResourceId: arn,
        });
    }

    return {
        async TagResource({ ResourceARN, Tags }, caller) {
            const alarm = permitted(caller, "TagResource", ResourceARN);
            const tags = { ...alarm.tags, ...newTags(Tags) };
            refuseAll(Object.keys(tags).length > mostTags ? [`A resource can have ${mostTags} tags.`] : []);
            store.transaction(() => alarms.put({ ...alarm, tags }));
            return {};
        },
        async UntagResource({ ResourceARN, TagKeys = [] }, caller) {
            const alarm = permitted(caller, "UntagResource", ResourceARN);
            const kept = Object.entries(alarm.tags).filter(([key]) => !TagKeys.includes(key));
            store.transaction(() => alarms.put({ ...alarm, tags: Object.fromEntries(kept) }));
            return {};
        },
        async ListTagsForResource({ ResourceARN }, caller) {
            const { tags } = permitted(caller, "ListTagsForResource", ResourceARN);
            return { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
        },
    };
}

/** @throws AwsError that names all tags which cannot be. */
export function newTags(tags: readonly Tag[] = []): Record<string, string> {
    const problems = tags.flatMap(({ Key = "", Value = "" }, index) => [
        ...(Key.length < 1 || Key.length > 128 || Key.startsWith("aws:")
            ? [`Tags.member.${index + 1}.Key must have 1 to 128 characters and not begin with aws:.`]
            : []),
        ...(Value.length > 256 ? [`Tags.member.${index + 1}.Value must have at most 256 characters.`] : []),
    ]);
    if (tags.length > mostTags) problems.push(`A resource can have ${mostTags} tags.`);
    refuseAll(problems);
    return Object.fromEntries(tags.map(({ Key = "", Value = "" }) => [Key, Value]));
}
