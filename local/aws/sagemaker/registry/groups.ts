import type {
    CreateModelPackageGroupInput,
    CreateModelPackageGroupOutput,
    DeleteModelPackageGroupInput,
    DescribeModelPackageGroupInput,
    DescribeModelPackageGroupOutput,
    ListModelPackageGroupsInput,
    ListModelPackageGroupsOutput,
} from "@aws-sdk/client-sagemaker";
import type { TwinContext } from "../../context";
import type { Operation } from "../../service";
import { authorize } from "../access";
import { documentsOf } from "../documents";
import { page } from "../listing";
import { arnOf, nameOf } from "../names";
import type { Tags } from "../tags";
import { Problems, validationError } from "../validation";

export interface GroupOperations {
    CreateModelPackageGroup: Operation<CreateModelPackageGroupInput, CreateModelPackageGroupOutput>;
    DescribeModelPackageGroup: Operation<DescribeModelPackageGroupInput, DescribeModelPackageGroupOutput>;
    ListModelPackageGroups: Operation<ListModelPackageGroupsInput, ListModelPackageGroupsOutput>;
    DeleteModelPackageGroup: Operation<DeleteModelPackageGroupInput, object>;
}

export interface Groups {
    readonly operations: GroupOperations;
    /** @throws AwsError ValidationException when there is no such group. */
    require(nameOrArn: string): Group;
}

type Group = Omit<DescribeModelPackageGroupOutput, "$metadata">;

/** @param isEmpty whether a group has no package. */
export function createGroups(context: TwinContext, tags: Tags, isEmpty: (group: string) => boolean): Groups {
    const groups = documentsOf<Group>(context.store, "model-package-group");

    function require(nameOrArn: string | undefined): Group {
        const name = nameOf("model-package-group", nameOrArn ?? "");
        const group = groups.get(name);
        if (group === undefined) {
            throw validationError(`ModelPackageGroup ${arnOf("model-package-group", name)} does not exist.`);
        }
        return group;
    }

    const of = (nameOrArn: string | undefined) =>
        ["model-package-group", nameOf("model-package-group", nameOrArn ?? "")] as const;

    return {
        require,
        operations: {
            async CreateModelPackageGroup(input, caller) {
                const problems = new Problems();
                problems.name(input.ModelPackageGroupName, "modelPackageGroupName");
                problems.throwIfAny();
                const name = input.ModelPackageGroupName ?? "";
                authorize(context, caller, "CreateModelPackageGroup", of(name));
                const ModelPackageGroupArn = arnOf("model-package-group", name);
                if (groups.get(name) !== undefined) {
                    throw validationError(`Model Package Group already exists: ${ModelPackageGroupArn}`);
                }
                context.store.transaction(() => {
                    groups.put(name, {
                        ModelPackageGroupName: name,
                        ModelPackageGroupArn,
                        ModelPackageGroupDescription: input.ModelPackageGroupDescription,
                        CreationTime: new Date(),
                        CreatedBy: {},
                        ModelPackageGroupStatus: "Completed",
                    });
                    tags.set(ModelPackageGroupArn, input.Tags);
                });
                return { ModelPackageGroupArn };
            },
            async DescribeModelPackageGroup(input, caller) {
                authorize(context, caller, "DescribeModelPackageGroup", of(input.ModelPackageGroupName));
                return require(input.ModelPackageGroupName);
            },
            async ListModelPackageGroups(input, caller) {
                authorize(context, caller, "ListModelPackageGroups", "*");
                const { items, NextToken } = page(input, groups.list(), (group) => ({
                    name: group.ModelPackageGroupName ?? "",
                    created: group.CreationTime ?? new Date(0),
                    modified: group.CreationTime ?? new Date(0),
                }));
                return { ModelPackageGroupSummaryList: items, NextToken };
            },
            async DeleteModelPackageGroup(input, caller) {
                authorize(context, caller, "DeleteModelPackageGroup", of(input.ModelPackageGroupName));
                const { ModelPackageGroupName: name = "", ModelPackageGroupArn: arn = "" } = require(
                    input.ModelPackageGroupName,
                );
                if (!isEmpty(name)) {
                    throw validationError(
                        `Cannot delete Model Package Group with name: ${name}. It contains model packages; delete them first.`,
                    );
                }
                context.store.transaction(() => {
                    groups.remove(name);
                    tags.forget(arn);
                });
                return {};
            },
        },
    };
}
