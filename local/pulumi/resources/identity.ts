// Where a program runs: account, region and partition.

import { account, partition, region } from "../../aws/service";
import { providerFunction, type ServiceResources } from "../provider/resource-type";

const getCallerIdentity = providerFunction({
    token: "aws:index/getCallerIdentity:getCallerIdentity",
    arguments: {},
    invoke: async () => ({
        id: account,
        accountId: account,
        arn: `arn:${partition}:iam::${account}:root`,
        userId: account,
    }),
});

const getRegion = providerFunction({
    token: "aws:index/getRegion:getRegion",
    arguments: {},
    invoke: async () => ({
        id: region,
        region,
        name: region,
        description: region,
        endpoint: `ec2.${region}.amazonaws.com`,
    }),
});

const getPartition = providerFunction({
    token: "aws:index/getPartition:getPartition",
    arguments: {},
    invoke: async () => ({
        id: partition,
        partition,
        dnsSuffix: "amazonaws.com",
        reverseDnsPrefix: "com.amazonaws",
    }),
});

export const identity: ServiceResources = { resources: [], functions: [getCallerIdentity, getRegion, getPartition] };
