import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { PolicyStatement } from "./inline";

/** AWS's image with scikit-learn: trains, evaluates and serves the linear model. */
const SCIKIT_LEARN = { repositoryName: "sagemaker-scikit-learn", imageTag: "1.4-2-cpu-py3" };

/** The address of the scikit-learn image in this region. */
export function scikitLearnImage(parent: pulumi.Resource): pulumi.Output<string> {
    return aws.sagemaker.getPrebuiltEcrImageOutput(SCIKIT_LEARN, { parent }).registryPath;
}

/** AWS keeps its images in accounts of its own. */
function repository(partition: pulumi.Input<string>, region: pulumi.Input<string>): pulumi.Output<string> {
    return pulumi.interpolate`arn:${partition}:ecr:${region}:*:repository/${SCIKIT_LEARN.repositoryName}`;
}

/** What whoever registers a model with the image needs: the registry looks up the image's digest on their behalf. */
export function looksUpImage(partition: pulumi.Input<string>, region: pulumi.Input<string>): PolicyStatement {
    return {
        actions: ["ecr:BatchGetImage", "ecr:DescribeImages"],
        resources: [repository(partition, region)],
        because: "finds the image",
    };
}

/** What a container's role needs to get its image. */
export function pullsImages(partition: pulumi.Input<string>, region: pulumi.Input<string>): PolicyStatement[] {
    return [
        // Gives a token for the registry and names no resource.
        { actions: ["ecr:GetAuthorizationToken"], resources: ["*"] },
        {
            actions: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            resources: [repository(partition, region)],
        },
    ];
}
