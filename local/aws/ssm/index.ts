import type { TwinContext } from "../context";
import { jsonService } from "../protocol/json";
import type { AwsService } from "../service";
import { type SsmOperations, ssmOperations } from "./operations";
import { openParameters } from "./parameters";

export type { SsmOperations } from "./operations";

export interface Ssm extends AwsService {
    readonly operations: SsmOperations;
}

/** Systems Manager's Parameter Store, on the store. */
export function createSsm(context: TwinContext): Ssm {
    const operations = ssmOperations(context, openParameters(context.store));
    return {
        ...jsonService({
            signingNames: ["ssm"],
            targetPrefixes: ["AmazonSSM"],
            contentType: "application/x-amz-json-1.1",
            operations,
        }),
        operations,
    };
}
