import type {
    AddTagsInput,
    AddTagsOutput,
    DeleteTagsInput,
    DeleteTagsOutput,
    ListTagsInput,
    ListTagsOutput,
    Tag,
} from "@aws-sdk/client-sagemaker";
import type { TwinContext } from "../context";
import type { Operation } from "../service";
import { Problems } from "./validation";

export interface TagOperations {
    AddTags: Operation<AddTagsInput, AddTagsOutput>;
    ListTags: Operation<ListTagsInput, ListTagsOutput>;
    DeleteTags: Operation<DeleteTagsInput, DeleteTagsOutput>;
}

export interface Tags {
    readonly operations: TagOperations;
    set(arn: string, tags: readonly Tag[] | undefined): void;
    of(arn: string): Tag[];
    /** Forgets all tags of a resource that is deleted. */
    forget(arn: string): void;
}

/** Tags of all SageMaker resources, by ARN. */
export function createTags({ store, iam }: TwinContext): Tags {
    const { database } = store;
    database.exec(`CREATE TABLE IF NOT EXISTS sagemaker_tags (
        arn TEXT NOT NULL,
        key TEXT NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (arn, key)
    ) STRICT`);
    const select = database.prepare("SELECT key, value FROM sagemaker_tags WHERE arn = ? ORDER BY key");
    const put = database.prepare("INSERT OR REPLACE INTO sagemaker_tags VALUES (?, ?, ?)");
    const remove = database.prepare("DELETE FROM sagemaker_tags WHERE arn = ? AND key = ?");
    const removeAll = database.prepare("DELETE FROM sagemaker_tags WHERE arn = ?");

    const of = (arn: string) => select.all(arn).map((row) => ({ Key: String(row.key), Value: String(row.value) }));
    const set = (arn: string, tags: readonly Tag[] | undefined) => {
        store.transaction(() => {
            for (const { Key, Value } of tags ?? []) put.run(arn, Key ?? "", Value ?? "");
        });
    };

    function named(arn: string | undefined): string {
        const problems = new Problems();
        problems.required(arn, "resourceArn");
        problems.throwIfAny();
        return arn ?? "";
    }

    return {
        set,
        of,
        forget: (arn) => store.transaction(() => void removeAll.run(arn)),
        operations: {
            async AddTags(input, caller) {
                const arn = named(input.ResourceArn);
                iam.authorize(caller, "sagemaker:AddTags", arn);
                set(arn, input.Tags);
                return { Tags: of(arn) };
            },
            async ListTags(input, caller) {
                const arn = named(input.ResourceArn);
                iam.authorize(caller, "sagemaker:ListTags", arn);
                return { Tags: of(arn) };
            },
            async DeleteTags(input, caller) {
                const arn = named(input.ResourceArn);
                iam.authorize(caller, "sagemaker:DeleteTags", arn);
                store.transaction(() => {
                    for (const key of input.TagKeys ?? []) remove.run(arn, key);
                });
                return {};
            },
        },
    };
}
