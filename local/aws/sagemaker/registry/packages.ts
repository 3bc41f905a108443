import type {
    CreateModelPackageInput,
    CreateModelPackageOutput,
    DeleteModelPackageInput,
    DescribeModelPackageInput,
    DescribeModelPackageOutput,
    ListModelPackagesInput,
    ListModelPackagesOutput,
    UpdateModelPackageInput,
    UpdateModelPackageOutput,
} from "@aws-sdk/client-sagemaker";
import type { TwinContext } from "../../context";
import type { Operation } from "../../service";
import { authorize } from "../access";
import { documentsOf } from "../documents";
import { page } from "../listing";
import { arnOf, nameOf } from "../names";
import type { Tags } from "../tags";
import { Problems, validationError } from "../validation";
import type { Groups } from "./groups";
import { checkTexts } from "./texts";
import { updatedPackage } from "./update";

export interface PackageOperations {
    CreateModelPackage: Operation<CreateModelPackageInput, CreateModelPackageOutput>;
    DescribeModelPackage: Operation<DescribeModelPackageInput, DescribeModelPackageOutput>;
    UpdateModelPackage: Operation<UpdateModelPackageInput, UpdateModelPackageOutput>;
    ListModelPackages: Operation<ListModelPackagesInput, ListModelPackagesOutput>;
    DeleteModelPackage: Operation<DeleteModelPackageInput, object>;
}

/** A version of a group, as DescribeModelPackage answers it. */
export type ModelPackage = Omit<DescribeModelPackageOutput, "$metadata">;

export interface Packages {
    readonly operations: PackageOperations;
    /** @throws AwsError ValidationException when there is no such package. */
    require(nameOrArn: string): ModelPackage;
}

const approvalStatuses = ["Approved", "Rejected", "PendingManualApproval"];

/** @param groups made after the packages, hence a function. */
export function createPackages(
    context: TwinContext,
    tags: Tags,
    groups: () => Groups,
): Packages & { isEmpty(group: string): boolean } {
    const packages = documentsOf<ModelPackage>(context.store, "model-package");
    // The highest version ever given out, by group: versions of deleted packages do not come back.
    const versions = documentsOf<{ version: number }>(context.store, "model-package-version");
    const requests = documentsOf<{ arn: string }>(context.store, "model-package-client-token");

    function require(nameOrArn: string | undefined): ModelPackage {
        const name = nameOf("model-package", nameOrArn ?? "");
        const found = packages.get(name);
        if (found === undefined) throw validationError(`ModelPackage ${arnOf("model-package", name)} does not exist.`);
        return found;
    }

    const of = (nameOrArn: string | undefined) => ["model-package", nameOf("model-package", nameOrArn ?? "")] as const;

    function store(modelPackage: ModelPackage): void {
        packages.put(nameOf("model-package", modelPackage.ModelPackageArn ?? ""), modelPackage);
        context.services().events.emit({
            source: "aws.sagemaker",
            detailType: "SageMaker Model Package State Change",
            resources: [modelPackage.ModelPackageArn ?? ""],
            detail: JSON.parse(JSON.stringify(modelPackage)),
        });
    }

    function create(input: CreateModelPackageInput): string {
        const group = nameOf("model-package-group", input.ModelPackageGroupName ?? "");
        groups().require(group);
        const token = input.ClientToken === undefined ? undefined : `${group}/${input.ClientToken}`;
        const before = token === undefined ? undefined : requests.get(token);
        if (before !== undefined) return before.arn;
        const version = (versions.get(group)?.version ?? 0) + 1;
        const arn = arnOf("model-package", `${group}/${version}`);
        const { ClientToken: _token, Tags: packageTags, SkipModelValidation, ...described } = input;
        context.store.transaction(() => {
            versions.put(group, { version });
            if (token !== undefined) requests.put(token, { arn });
            tags.set(arn, packageTags);
            store({
                ...described,
                ModelPackageName: group,
                ModelPackageGroupName: group,
                ModelPackageVersion: version,
                ModelPackageArn: arn,
                CreationTime: new Date(),
                CreatedBy: {},
                ModelPackageStatus: "Completed",
                ModelPackageStatusDetails: { ValidationStatuses: [], ImageScanStatuses: [] },
                CertifyForMarketplace: false,
                ModelApprovalStatus: input.ModelApprovalStatus ?? "PendingManualApproval",
                SkipModelValidation: SkipModelValidation ?? "None",
            });
        });
        return arn;
    }

    return {
        require,
        isEmpty: (group) => !packages.list().some((each) => each.ModelPackageGroupName === group),
        operations: {
            async CreateModelPackage(input, caller) {
                const problems = new Problems();
                problems.unsupported(
                    input.ModelPackageName,
                    "modelPackageName",
                    "give modelPackageGroupName: packages are versions of a group",
                );
                if (input.ModelPackageName === undefined) {
                    problems.name(
                        nameOf("model-package-group", input.ModelPackageGroupName ?? ""),
                        "modelPackageGroupName",
                    );
                }
                problems.oneOf(input.ModelApprovalStatus, approvalStatuses, "modelApprovalStatus");
                checkTexts(problems, input);
                problems.unsupported(input.ValidationSpecification, "validationSpecification");
                problems.unsupported(input.SourceAlgorithmSpecification, "sourceAlgorithmSpecification");
                const containers = input.InferenceSpecification?.Containers;
                if (containers?.length === 0) problems.required(undefined, "inferenceSpecification.containers");
                problems.throwIfAny();
                authorize(context, caller, "CreateModelPackage", [
                    "model-package",
                    `${nameOf("model-package-group", input.ModelPackageGroupName ?? "")}/*`,
                ]);
                return { ModelPackageArn: create(input) };
            },
            async DescribeModelPackage(input, caller) {
                authorize(context, caller, "DescribeModelPackage", of(input.ModelPackageName));
                return require(input.ModelPackageName);
            },
            async UpdateModelPackage(input, caller) {
                const problems = new Problems();
                problems.required(input.ModelPackageArn, "modelPackageArn");
                problems.oneOf(input.ModelApprovalStatus, approvalStatuses, "modelApprovalStatus");
                checkTexts(problems, input);
                problems.throwIfAny();
                authorize(context, caller, "UpdateModelPackage", of(input.ModelPackageArn));
                const modelPackage = updatedPackage(require(input.ModelPackageArn), input);
                context.store.transaction(() => store(modelPackage));
                return { ModelPackageArn: modelPackage.ModelPackageArn };
            },
            async ListModelPackages(input, caller) {
                authorize(context, caller, "ListModelPackages", "*");
                const group =
                    input.ModelPackageGroupName === undefined
                        ? undefined
                        : nameOf("model-package-group", input.ModelPackageGroupName);
                const found = packages.list().filter(
                    (each) =>
                        (group === undefined || each.ModelPackageGroupName === group) &&
                        (input.ModelApprovalStatus === undefined ||
                            each.ModelApprovalStatus === input.ModelApprovalStatus) &&
                        // Without a group, SageMaker lists what has no versions unless asked for them.
                        (group !== undefined ||
                            input.ModelPackageType === "Versioned" ||
                            input.ModelPackageType === "Both"),
                );
                const { items, NextToken } = page(input, found, (each) => ({
                    name: each.ModelPackageName ?? "",
                    created: each.CreationTime ?? new Date(0),
                    modified: each.LastModifiedTime ?? each.CreationTime ?? new Date(0),
                }));
                return { ModelPackageSummaryList: items.map(summary), NextToken };
            },
            async DeleteModelPackage(input, caller) {
                authorize(context, caller, "DeleteModelPackage", of(input.ModelPackageName));
                const { ModelPackageArn: arn = "" } = require(input.ModelPackageName);
                context.store.transaction(() => {
                    packages.remove(nameOf("model-package", arn));
                    tags.forget(arn);
                });
                return {};
            },
        },
    };
}

function summary(each: ModelPackage) {
    return {
        ModelPackageName: each.ModelPackageName,
        ModelPackageGroupName: each.ModelPackageGroupName,
        ModelPackageVersion: each.ModelPackageVersion,
        ModelPackageArn: each.ModelPackageArn,
        ModelPackageDescription: each.ModelPackageDescription,
        CreationTime: each.CreationTime,
        ModelPackageStatus: each.ModelPackageStatus,
        ModelApprovalStatus: each.ModelApprovalStatus,
    };
}
