import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { ArgumentCheck } from "./argument-check";
import { aFunction, input, type Rules, text, value } from "./argument-rules";
import type { ModelPolicy } from "./runtime/verdict";
import { isOptions } from "./shown-value";
import { stackName } from "./stack-name";
import { type Transform, transformed, transformOf } from "./transform";

export interface ModelRegistryArgs {
    /**
     * Decides about each new model by how it did on the test set, compared with the model in service:
     * `(evaluation, champion) => "approve" | "reject" | "leave"`, or `{ decision, reason }`. It is an inline function, run
     * by the judges of the trainings that register here. A model with other labels than the one in service is never
     * approved by it. @default every model is left to a person
     */
    readonly policy?: ModelPolicy;
    /**
     * ARN of a group that is there already, such as one of another account, whose policy must let this account register:
     * `sagemaker:CreateModelPackage` and ListModelPackages, and for a `policy` DescribeModelPackage and UpdateModelPackage.
     * @default a group of the registry's own
     */
    readonly group?: pulumi.Input<string>;
    /** Changes the arguments of children. @default nothing is changed */
    readonly transform?: { readonly group?: Transform<aws.sagemaker.ModelPackageGroupArgs> };
}

const rules: Rules<ModelRegistryArgs> = {
    policy: aFunction("a function of an evaluation and the champion's, which decides about the model"),
    group: input(
        text(
            "the ARN of a model package group, or an Output of one",
            /^arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:\d{12}:model-package-group\/[a-zA-Z0-9](-*[a-zA-Z0-9])*$/,
        ),
    ),
    transform: transformOf<NonNullable<ModelRegistryArgs["transform"]>>({ group: true }),
};

/** Longest name of a model package group. */
const MAX_NAME = 63;

/** Of an option that names a registry; another copy of the package may have made it. */
export const registryRule = value("a ModelRegistry", (given) => {
    if (typeof given !== "object" || given === null || pulumi.Output.isInstance(given)) return false;
    const { modelPackageGroupName, modelPackageGroupArn } = given as Partial<ModelRegistry>;
    return pulumi.Output.isInstance(modelPackageGroupName) && pulumi.Output.isInstance(modelPackageGroupArn);
});

/** Where trained models wait for approval: a SageMaker model package group. */
export class ModelRegistry extends pulumi.ComponentResource {
    /** What SageMaker's calls name the group by: its name, or the ARN of one that is not the registry's own. */
    readonly modelPackageGroupName: pulumi.Output<string>;
    readonly modelPackageGroupArn: pulumi.Output<string>;
    /** What decides about new models; undefined where people do. */
    readonly policy: ModelPolicy | undefined;
    /** The children; none where the group is not the registry's own. */
    readonly nodes: { readonly group: aws.sagemaker.ModelPackageGroup | undefined };

    /** @throws RunError with every argument that is wrong. */
    constructor(name: string, args: ModelRegistryArgs = {}, options?: pulumi.ComponentResourceOptions) {
        const check = new ArgumentCheck("ModelRegistry", name);
        check.options<ModelRegistryArgs>("args", args, rules, new.target !== ModelRegistry);
        if (isOptions(args) && args.group !== undefined && isOptions(args.transform) && args.transform.group) {
            check.add("transform.group is given, and so is group, which is not changed; leave out one of them");
        }
        check.resourceOptions(options);
        check.done();
        super("sortline:index:ModelRegistry", name, {}, options);
        this.policy = args.policy;
        if (args.group === undefined) {
            const group = new aws.sagemaker.ModelPackageGroup(
                `${name}-group`,
                transformed<aws.sagemaker.ModelPackageGroupArgs>(
                    {
                        // SageMaker has no names of its own making here; a stack's group must not meet another's.
                        modelPackageGroupName: stackName(name, MAX_NAME),
                        modelPackageGroupDescription: `Models of ${pulumi.getProject()}`,
                    },
                    args.transform?.group,
                ),
                { parent: this },
            );
            this.nodes = { group };
            this.modelPackageGroupName = group.modelPackageGroupName;
            this.modelPackageGroupArn = group.arn;
        } else {
            this.nodes = { group: undefined };
            this.modelPackageGroupName = pulumi.output(args.group);
            this.modelPackageGroupArn = this.modelPackageGroupName;
        }
        this.registerOutputs({
            modelPackageGroupName: this.modelPackageGroupName,
            modelPackageGroupArn: this.modelPackageGroupArn,
        });
    }
}
