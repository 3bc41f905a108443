import { setTimeout as delay } from "node:timers/promises";
import { AwsError, root } from "../../aws/service";
import type { Services } from "../../aws/services";
import { orUndo } from "../provider/outcome";
import { resourceType } from "../provider/resource-type";
import { listOf, mapOf, number, object, recordedOnly, required, text } from "../provider/shape";
import { arn } from "./arn";
import { createOnceInSageMaker, foundInSageMaker, unlessMissingInSageMaker } from "./sagemaker-outcome";
import { retagInSageMaker, sagemakerTags } from "./sagemaker-tags";
import { tagList } from "./tags";

type SageMaker = Services["sagemaker"];

const pollMilliseconds = 50;

const capacity = object({ type: required(text), value: required(number) });

export const endpoint = resourceType({
    type: "aws:sagemaker/endpoint:Endpoint",
    arguments: {
        name: text,
        endpointConfigName: required(text),
        deploymentConfig: recordedOnly(
            object({
                autoRollbackConfiguration: object({ alarms: listOf(object({ alarmName: required(text) })) }),
                blueGreenUpdatePolicy: object({
                    maximumExecutionTimeoutInSeconds: number,
                    terminationWaitInSeconds: number,
                    trafficRoutingConfiguration: required(
                        object({
                            type: required(text),
                            waitIntervalInSeconds: required(number),
                            canarySize: capacity,
                            linearStepSize: capacity,
                        }),
                    ),
                }),
                rollingUpdatePolicy: object({
                    maximumBatchSize: required(capacity),
                    waitIntervalInSeconds: required(number),
                    maximumExecutionTimeoutInSeconds: number,
                    rollbackMaximumBatchSize: capacity,
                }),
            }),
            "all requests go to the new model at once",
        ),
        tags: mapOf(text),
    },
    replacedBy: [],
    naming: { property: "name", maximum: 63 },

    async create(inputs, { services: { sagemaker } }, resumed) {
        const EndpointName = String(inputs.name);
        await createOnceInSageMaker(resumed, () =>
            sagemaker.operations.CreateEndpoint(
                { EndpointName, EndpointConfigName: inputs.endpointConfigName, Tags: tagList(inputs.tags) },
                root,
            ),
        );
        await orUndo(
            () => inService(sagemaker, EndpointName, inputs.endpointConfigName),
            () => sagemaker.operations.DeleteEndpoint({ EndpointName }, root),
        );
        return { id: EndpointName, outputs: { arn: arn("sagemaker", `endpoint/${EndpointName.toLowerCase()}`) } };
    },

    async read(id, { services: { sagemaker } }) {
        const found = await foundInSageMaker(() => sagemaker.operations.DescribeEndpoint({ EndpointName: id }, root));
        if (found === undefined) return undefined;
        const tags = await sagemakerTags(sagemaker, found.EndpointArn);
        return { name: id, endpointConfigName: found.EndpointConfigName, tags, arn: found.EndpointArn };
    },

    async update({ id: EndpointName, inputs: earlier, outputs }, inputs, { services: { sagemaker } }) {
        const { endpointConfigName: EndpointConfigName, tags } = inputs;
        await retagInSageMaker(sagemaker, outputs.arn, earlier.tags, tags);
        const now = await sagemaker.operations.DescribeEndpoint({ EndpointName }, root);
        if (now.EndpointConfigName !== EndpointConfigName) {
            await sagemaker.operations.UpdateEndpoint({ EndpointName, EndpointConfigName }, root);
        }
        await inService(sagemaker, EndpointName, EndpointConfigName);
        return {};
    },

    async delete({ id: EndpointName }, { services: { sagemaker } }) {
        await unlessMissingInSageMaker(async () => {
            await sagemaker.operations.DeleteEndpoint({ EndpointName }, root);
            for (;;) {
                await sagemaker.operations.DescribeEndpoint({ EndpointName }, root);
                await delay(pollMilliseconds);
            }
        });
    },
});

/** Waits until the endpoint answers. The service bounds how long that may take, and says why it failed. */
async function inService(sagemaker: SageMaker, EndpointName: string, EndpointConfigName: string): Promise<void> {
    for (;;) {
        const found = await sagemaker.operations.DescribeEndpoint({ EndpointName }, root);
        const status = found.EndpointStatus;
        if (status === "InService" && found.EndpointConfigName === EndpointConfigName) return;
        if (status === "InService" || status === "Failed" || status === "OutOfService") {
            const reason = found.FailureReason ?? "SageMaker gives no reason";
            const rolledBack = status === "InService" ? "; it went back to the earlier configuration" : "";
            throw new AwsError("EndpointFailed", `The endpoint did not come into service: ${reason}${rolledBack}.`);
        }
        await delay(pollMilliseconds);
    }
}
