// The generated gRPC stubs of @pulumi/pulumi come without declarations for this service.
declare module "@pulumi/pulumi/proto/resource_grpc_pb" {
    import type { ServiceDefinition } from "@grpc/grpc-js";
    export const ResourceMonitorService: ServiceDefinition;
}

// A dependency of @pulumi/pulumi; it reads Pulumi.yaml there and here.
declare module "js-yaml" {
    export function load(text: string, options?: { filename?: string }): unknown;
}
