import * as pulumi from "@pulumi/pulumi";
import { flag, input, options, required, someOf, text } from "./argument-rules";
import type { PolicyStatement } from "./inline";

/** The network (VPC) that jobs run in. */
export interface Network {
    /** 1 to 16 subnets, best in several zones: a spot instance is sought in all of them. */
    readonly subnetIds: readonly pulumi.Input<string>[];
    /** 1 to 5 security groups. Hosts of one job must reach each other. */
    readonly securityGroupIds: readonly pulumi.Input<string>[];
    /**
     * The containers have no network at all, but for the hosts of a job among each other: SageMaker brings data and code
     * in and takes models out. @default false
     */
    readonly isolated?: boolean;
}

/** What `network` may be. */
export const networkRule = options<Network>({
    subnetIds: required(someOf(input(text("a subnet's id", /^subnet-[0-9a-z]+$/)), "a list of 1 to 16 subnet ids", 16)),
    securityGroupIds: required(
        someOf(input(text("a security group's id", /^sg-[0-9a-z]+$/)), "a list of 1 to 5 ids of security groups", 5),
    ),
    isolated: flag,
});

/** The network as SageMaker's requests have it. */
export function vpcConfig({ subnetIds, securityGroupIds }: Network) {
    return { Subnets: subnetIds, SecurityGroupIds: securityGroupIds };
}

/** What a role needs whose containers get a network interface in the VPC. */
export function joinsNetwork(
    { subnetIds, securityGroupIds }: Network,
    place: {
        readonly partition: pulumi.Input<string>;
        readonly region: pulumi.Input<string>;
        readonly account: pulumi.Input<string>;
    },
): PolicyStatement[] {
    const arn = (resource: pulumi.Input<string>) =>
        pulumi.interpolate`arn:${place.partition}:ec2:${place.region}:${place.account}:${resource}`;
    const interfaces = arn("network-interface/*");
    return [
        {
            actions: ["ec2:CreateNetworkInterface"],
            resources: [
                interfaces,
                ...subnetIds.map((id) => arn(pulumi.interpolate`subnet/${id}`)),
                ...securityGroupIds.map((id) => arn(pulumi.interpolate`security-group/${id}`)),
            ],
        },
        {
            actions: [
                "ec2:CreateNetworkInterfacePermission",
                "ec2:DeleteNetworkInterface",
                "ec2:DeleteNetworkInterfacePermission",
            ],
            resources: [interfaces],
        },
        {
            actions: [
                "ec2:DescribeDhcpOptions",
                "ec2:DescribeNetworkInterfaces",
                "ec2:DescribeSecurityGroups",
                "ec2:DescribeSubnets",
                "ec2:DescribeVpcs",
            ],
            resources: ["*"],
        },
    ];
}
