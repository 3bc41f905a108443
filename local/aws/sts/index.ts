import type { TwinContext } from "../context";
import { errorResponse } from "../protocol/error";
import { notImplemented } from "../protocol/json";
import { AwsError, type AwsService, account, type Operation } from "../service";

export interface StsOperations {
    /** Who is asking. Anybody may ask. */
    GetCallerIdentity: Operation<object, { UserId: string; Account: string; Arn: string }>;
}

export interface Sts extends AwsService {
    readonly operations: StsOperations;
}

/** The part of STS that tells who a caller is, in the AWS query protocol. */
export function createSts({ iam }: Pick<TwinContext, "iam">): Sts {
    const operations: StsOperations = {
        async GetCallerIdentity(_input, caller) {
            const Arn = iam.callerArn(caller);
            return {
                UserId: caller.kind === "root" ? account : Arn.slice(Arn.indexOf("/") + 1),
                Account: account,
                Arn,
            };
        },
    };
    return {
        signingNames: ["sts"],
        operations,
        async handle({ body, caller, headers, requestId }) {
            const action = new URLSearchParams(body.toString("utf8")).get("Action") ?? "";
            try {
                if (action !== "GetCallerIdentity") throw notImplemented("STS", action);
                const { UserId, Account, Arn } = await operations.GetCallerIdentity({}, caller);
                return {
                    status: 200,
                    headers: { "content-type": "text/xml" },
                    body: `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>${Arn}</Arn><UserId>${UserId}</UserId><Account>${Account}</Account></GetCallerIdentityResult><ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></GetCallerIdentityResponse>`,
                };
            } catch (error) {
                if (!(error instanceof AwsError)) throw error;
                return errorResponse(error, { service: "sts", contentType: headers["content-type"], requestId });
            }
        },
    };
}
