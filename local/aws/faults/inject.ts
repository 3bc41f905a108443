import { setTimeout as wait } from "node:timers/promises";
import type { TwinContext } from "../context";
import { errorResponse } from "../protocol/error";
import { type AwsRequest, type AwsResponse, type AwsService, root } from "../service";
import { requestedCall } from "./call";
import type { Injection } from "./index";
import type { ServiceRule } from "./plan";
import { putRecordsInPart } from "./refused-records";
import { failed, throttled } from "./service-errors";

/** The connection is to end without an answer. */
export const dropped = Symbol("dropped");

/** Header of an answer to which something was done, so that nobody looks for its cause elsewhere. */
const faultHeader = "x-sortline-fault";

/** Has a service answer a request, with the faults that are on demand for it. */
export async function handleWithFaults(
    { faults, services }: Pick<TwinContext, "faults" | "services">,
    service: AwsService,
    name: string,
    request: AwsRequest,
): Promise<AwsResponse | typeof dropped> {
    const handle = (asked: AwsRequest) => service.handle(asked);
    const call = faults.concerns(name) ? requestedCall(name, request) : undefined;
    if (call === undefined || !faults.concerns(name, call.operation)) return handle(request);
    const { operation } = call;
    const resources = call.resources(services());
    const [resource = ""] = resources;
    const injection = faults.ofRequest(name, operation, ...resources);
    if (injection === undefined) return handle(request);
    if (injection.delay > 0) await wait(injection.delay);
    const answer = await broken(injection);
    return answer === dropped ? answer : { ...answer, headers: { ...answer.headers, [faultHeader]: injection.label } };

    async function broken(given: Injection<ServiceRule>): Promise<AwsResponse | typeof dropped> {
        const { rule } = given;
        if (rule === undefined || rule.fault === "delay") return handle(request);
        if (rule.fault === "throttle") {
            if (rule.records === undefined) return refusal(throttled(name, operation, resource));
            return putRecordsInPart(request, {
                share: rule.records,
                chance: given.chance,
                stream: resource,
                shards: () => openShards(resource),
                handle,
            });
        }
        if (rule.when === "after") {
            const done = await handle(request);
            if (!(typeof done.body === "string" || Buffer.isBuffer(done.body))) done.body.destroy();
        }
        return rule.fault === "drop" ? dropped : refusal(failed(name, rule.status ?? 500));
    }

    function refusal(error: ReturnType<typeof throttled>): AwsResponse {
        const { requestId } = request;
        return errorResponse(error, { service: name, contentType: request.headers["content-type"], requestId });
    }

    async function openShards(StreamName: string) {
        const { Shards = [] } = await services().kinesis.operations.ListShards({ StreamName }, root);
        return Shards.filter(({ SequenceNumberRange }) => SequenceNumberRange?.EndingSequenceNumber === undefined);
    }
}
