import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { ArgumentCheck } from "./argument-check";
import { type Rules, value } from "./argument-rules";
import { stackName } from "./stack-name";
import { type Transform, transformed, transformOf } from "./transform";

export interface ModelRegistryArgs {
    /** Changes the arguments of children. @default nothing is changed */
    readonly transform?: { readonly group?: Transform<aws.sagemaker.ModelPackageGroupArgs> };
}

const rules: Rules<ModelRegistryArgs> = {
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
    readonly modelPackageGroupName: pulumi.Output<string>;
    readonly modelPackageGroupArn: pulumi.Output<string>;
    /** The children. */
    readonly nodes: { readonly group: aws.sagemaker.ModelPackageGroup };

    /** @throws RunError with every argument that is wrong. */
    constructor(name: string, args: ModelRegistryArgs = {}, options?: pulumi.ComponentResourceOptions) {
        const check = new ArgumentCheck("ModelRegistry", name);
        check.options<ModelRegistryArgs>("args", args, rules, new.target !== ModelRegistry);
        check.resourceOptions(options);
        check.done();
        super("sortline:index:ModelRegistry", name, {}, options);
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
        this.registerOutputs({
            modelPackageGroupName: this.modelPackageGroupName,
            modelPackageGroupArn: this.modelPackageGroupArn,
        });
    }
}
