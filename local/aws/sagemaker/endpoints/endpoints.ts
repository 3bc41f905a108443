import { rmSync } from "node:fs";
import { join } from "node:path";
import type {
    CreateEndpointInput,
    CreateEndpointOutput,
    DeleteEndpointInput,
    DescribeEndpointInput,
    DescribeEndpointOutput,
    ListEndpointsInput,
    ListEndpointsOutput,
    UpdateEndpointInput,
    UpdateEndpointOutput,
    UpdateEndpointWeightsAndCapacitiesInput,
    UpdateEndpointWeightsAndCapacitiesOutput,
} from "@aws-sdk/client-sagemaker";
import type { TwinContext } from "../../context";
import type { Operation } from "../../service";
import { authorize } from "../access";
import { page } from "../listing";
import { arnOf } from "../names";
import type { Tags } from "../tags";
import { Problems, validationError } from "../validation";
import type { Configurations } from "./configurations";
import { instanceCounts } from "./endpoint";
import type { LiveEndpoints } from "./live-endpoints";

export interface EndpointOperations {
    CreateEndpoint: Operation<CreateEndpointInput, CreateEndpointOutput>;
    UpdateEndpoint: Operation<UpdateEndpointInput, UpdateEndpointOutput>;
    UpdateEndpointWeightsAndCapacities: Operation<
        UpdateEndpointWeightsAndCapacitiesInput,
        UpdateEndpointWeightsAndCapacitiesOutput
    >;
    DescribeEndpoint: Operation<DescribeEndpointInput, DescribeEndpointOutput>;
    ListEndpoints: Operation<ListEndpointsInput, ListEndpointsOutput>;
    DeleteEndpoint: Operation<DeleteEndpointInput, object>;
}

export function endpointOperations(
    context: TwinContext,
    tags: Tags,
    configurations: Configurations,
    live: LiveEndpoints,
): EndpointOperations {
    function idle(name: string | undefined) {
        const endpoint = live.require(name ?? "");
        const { EndpointStatus: status, EndpointArn: arn } = endpoint.described;
        if (status === "Creating" || status === "Updating") {
            throw validationError(`Cannot update in-progress endpoint "${arn}".`);
        }
        return endpoint;
    }

    return {
        async CreateEndpoint(input, caller) {
            const problems = new Problems();
            problems.name(input.EndpointName, "endpointName");
            problems.required(input.EndpointConfigName, "endpointConfigName");
            problems.throwIfAny();
            const name = input.EndpointName ?? "";
            authorize(context, caller, "CreateEndpoint", ["endpoint", name]);
            const configuration = configurations.require(input.EndpointConfigName ?? "");
            const EndpointArn = arnOf("endpoint", name);
            if (live.get(name) !== undefined) {
                throw validationError(`Cannot create already existing endpoint "${EndpointArn}".`);
            }
            const now = new Date();
            context.store.transaction(() => {
                tags.set(EndpointArn, input.Tags);
                live.save({
                    described: {
                        EndpointName: name,
                        EndpointArn,
                        EndpointConfigName: configuration.EndpointConfigName,
                        EndpointStatus: "Creating",
                        CreationTime: now,
                        LastModifiedTime: now,
                    },
                });
            });
            live.bringUp(name);
            return { EndpointArn };
        },
        async UpdateEndpoint(input, caller) {
            authorize(context, caller, "UpdateEndpoint", ["endpoint", input.EndpointName ?? ""]);
            const endpoint = idle(input.EndpointName);
            const { EndpointArn, EndpointStatus } = endpoint.described;
            if (EndpointStatus === "Failed") {
                throw validationError(
                    `Cannot update endpoint "${EndpointArn}" in status Failed; delete it and create it again.`,
                );
            }
            const configuration = configurations.require(input.EndpointConfigName ?? "");
            live.save({
                described: {
                    ...endpoint.described,
                    EndpointStatus: "Updating",
                    FailureReason: undefined,
                    LastModifiedTime: new Date(),
                },
                pendingConfiguration: configuration.EndpointConfigName,
                // Without this an update sets each variant back to the count in its configuration.
                pendingCounts: input.RetainAllVariantProperties === true ? instanceCounts(endpoint) : {},
            });
            live.bringUp(input.EndpointName ?? "");
            return { EndpointArn };
        },
        async UpdateEndpointWeightsAndCapacities(input, caller) {
            authorize(context, caller, "UpdateEndpointWeightsAndCapacities", ["endpoint", input.EndpointName ?? ""]);
            const endpoint = idle(input.EndpointName);
            const known = new Set(endpoint.described.ProductionVariants?.map((variant) => variant.VariantName));
            const problems = new Problems();
            for (const wanted of input.DesiredWeightsAndCapacities ?? []) {
                const member = `desiredWeightsAndCapacities.${wanted.VariantName}`;
                if (!known.has(wanted.VariantName)) problems.add(`The endpoint has no variant '${wanted.VariantName}'`);
                problems.within(wanted.DesiredInstanceCount, [1, 10_000], `${member}.desiredInstanceCount`);
                problems.within(wanted.DesiredWeight, [0, Number.MAX_VALUE], `${member}.desiredWeight`);
                problems.unsupported(wanted.ServerlessUpdateConfig, `${member}.serverlessUpdateConfig`);
            }
            problems.throwIfAny();
            live.save({
                described: {
                    ...endpoint.described,
                    EndpointStatus: "Updating",
                    LastModifiedTime: new Date(),
                    ProductionVariants: endpoint.described.ProductionVariants?.map((variant) => {
                        const wanted = input.DesiredWeightsAndCapacities?.find(
                            (each) => each.VariantName === variant.VariantName,
                        );
                        return {
                            ...variant,
                            DesiredWeight: wanted?.DesiredWeight ?? variant.DesiredWeight,
                            DesiredInstanceCount: wanted?.DesiredInstanceCount ?? variant.DesiredInstanceCount,
                        };
                    }),
                },
            });
            live.resize(input.EndpointName ?? "");
            return { EndpointArn: endpoint.described.EndpointArn };
        },
        async DescribeEndpoint(input, caller) {
            authorize(context, caller, "DescribeEndpoint", ["endpoint", input.EndpointName ?? ""]);
            return live.require(input.EndpointName ?? "").described;
        },
        async ListEndpoints(input, caller) {
            authorize(context, caller, "ListEndpoints", "*");
            const found = live
                .list()
                .map(({ described }) => described)
                .filter((each) => input.StatusEquals === undefined || each.EndpointStatus === input.StatusEquals);
            const { items, NextToken } = page(input, found, (each) => ({
                name: each.EndpointName ?? "",
                created: each.CreationTime ?? new Date(0),
                modified: each.LastModifiedTime ?? new Date(0),
                status: each.EndpointStatus,
            }));
            const Endpoints = items.map(
                ({ EndpointName, EndpointArn, CreationTime, LastModifiedTime, EndpointStatus }) => ({
                    EndpointName,
                    EndpointArn,
                    CreationTime,
                    LastModifiedTime,
                    EndpointStatus,
                }),
            );
            return { Endpoints, NextToken };
        },
        async DeleteEndpoint(input, caller) {
            authorize(context, caller, "DeleteEndpoint", ["endpoint", input.EndpointName ?? ""]);
            const { EndpointArn = "" } = idle(input.EndpointName).described;
            context.store.transaction(() => {
                live.remove(input.EndpointName ?? "");
                tags.forget(EndpointArn);
            });
            return {};
        },
    };
}

/** Unpacked models of an earlier run of the twin: nobody uses them any more. */
export function removeUnpackedModels(context: TwinContext): void {
    rmSync(join(context.store.folder, "sagemaker", "endpoints"), { recursive: true, force: true });
}
