import type { DescribeEndpointOutput, ProductionVariantSummary } from "@aws-sdk/client-sagemaker";
import type { EndpointConfiguration } from "./configurations";

/** An endpoint as it is stored. */
export interface EndpointDocument {
    /** What DescribeEndpoint answers. */
    readonly described: Omit<DescribeEndpointOutput, "$metadata">;
    /** The configuration that it is being moved to. */
    readonly pendingConfiguration?: string;
    /** Instance counts that the pending move keeps, by variant. */
    readonly pendingCounts?: Readonly<Record<string, number>>;
}

/** How a configuration's variants are described once they are in service. */
export function variantSummaries(
    configuration: EndpointConfiguration,
    counts: Readonly<Record<string, number>> = {},
): ProductionVariantSummary[] {
    return (configuration.ProductionVariants ?? []).map((variant) => {
        const name = variant.VariantName ?? "";
        const weight = variant.InitialVariantWeight ?? 1;
        const count = variant.ServerlessConfig === undefined ? (counts[name] ?? variant.InitialInstanceCount ?? 1) : 0;
        return {
            VariantName: name,
            CurrentWeight: weight,
            DesiredWeight: weight,
            CurrentInstanceCount: count,
            DesiredInstanceCount: count,
            ...(variant.ServerlessConfig === undefined
                ? {}
                : {
                      CurrentServerlessConfig: variant.ServerlessConfig,
                      DesiredServerlessConfig: variant.ServerlessConfig,
                  }),
        };
    });
}

/** The instance counts of an endpoint's variants, by name; serverless ones have none. */
export function instanceCounts({ described }: EndpointDocument): Record<string, number> {
    return Object.fromEntries(
        (described.ProductionVariants ?? [])
            .filter((variant) => variant.CurrentServerlessConfig === undefined)
            .map((variant) => [variant.VariantName ?? "", variant.DesiredInstanceCount ?? 1]),
    );
}
