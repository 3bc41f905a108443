import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { ArgumentCheck } from "./argument-check";
import { stackName } from "./stack-name";
import { type Transform, transformed } from "./transform";

export interface ModelRegistryArgs {
    /** Changes the arguments of children. @default nothing is changed */
    readonly transform?: { readonly group?: Transform<aws.sagemaker.ModelPackageGroupArgs> };
}

/** Longest name of a model package group. */
const MAX_NAME = 63;

/** Where trained models wait for approval: a SageMaker model package group. */
export class ModelRegistry extends pulumi.ComponentResource {
    readonly modelPackageGroupName: pulumi.Output<string>;
    readonly modelPackageGroupArn: pulumi.Output<string>;
    /** The children. */
    readonly nodes: { readonly group: aws.sagemaker.ModelPackageGroup };

    constructor(name: string, args: ModelRegistryArgs = {}, options?: pulumi.ComponentResourceOptions) {
        super("sortline:index:ModelRegistry", name, {}, options);
        new ArgumentCheck("ModelRegistry", name).done();
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
