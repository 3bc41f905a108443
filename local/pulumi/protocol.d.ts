// The generated gRPC stubs of @pulumi/pulumi come without declarations for this service.
declare module "@pulumi/pulumi/proto/resource_grpc_pb" {
    import type { ServiceDefinition } from "@grpc/grpc-js";
    export const ResourceMonitorService: ServiceDefinition;
}
