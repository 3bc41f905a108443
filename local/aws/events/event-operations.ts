import type {
    PutEventsRequest,
    PutEventsRequestEntry,
    PutEventsResponse,
    PutEventsResultEntry,
    TestEventPatternRequest,
    TestEventPatternResponse,
} from "@aws-sdk/client-eventbridge";
import type { TwinContext } from "../context";
import type { PolicyDocument } from "../iam";
import type { Operation } from "../service";
import type { Buses } from "./buses";
import type { Delivery } from "./delivery";
import { eventPattern } from "./pattern";
import { invalid } from "./target";

export interface EventOperations {
    PutEvents: Operation<PutEventsRequest, PutEventsResponse>;
    TestEventPattern: Operation<TestEventPatternRequest, TestEventPatternResponse>;
}

/** Bytes of one entry. */
const entryBytes = 1 << 20;

export function eventOperations(
    { iam, store }: Pick<TwinContext, "iam" | "store">,
    { buses, delivery }: { buses: Buses; delivery: Delivery },
): EventOperations {
    function put(entry: PutEventsRequestEntry): PutEventsResultEntry {
        const { Source: source, DetailType: detailType, Detail, Resources: resources, Time: time } = entry;
        const refuse = (ErrorCode: string, ErrorMessage: string) => ({ ErrorCode, ErrorMessage });
        if (!source || !detailType || !Detail) {
            const name = !source ? "Source" : !detailType ? "DetailType" : "Detail";
            return refuse("InvalidArgument", `Parameter ${name} is not valid. Reason: ${name} is a required argument.`);
        }
        if (source.startsWith("aws.")) {
            return refuse("NotAuthorizedForSourceException", `Not authorized for the source ${source}.`);
        }
        if (entrySize(entry) > entryBytes)
            return refuse("InvalidArgument", `Total size of the entry exceeds ${entryBytes} bytes.`);
        let detail: unknown;
        try {
            detail = JSON.parse(Detail);
        } catch {
            // Said below, without quoting it.
        }
        if (typeof detail !== "object" || detail === null || Array.isArray(detail)) {
            return refuse("MalformedDetail", "Detail is malformed.");
        }
        const event = { source, detailType, detail: detail as Record<string, unknown>, resources, time };
        return { EventId: delivery.emit(buses.require(entry.EventBusName).name, event) };
    }

    return {
        async PutEvents({ Entries = [] }, caller) {
            for (const { EventBusName, Source = "", DetailType = "" } of Entries) {
                const bus = buses.require(EventBusName);
                iam.authorize(caller, "events:PutEvents", bus.arn, {
                    context: { "events:source": Source, "events:detail-type": DetailType },
                    resourcePolicy: bus.policy === undefined ? undefined : (JSON.parse(bus.policy) as PolicyDocument),
                });
            }
            const results = await store.commit(() => Entries.map(put));
            return {
                FailedEntryCount: results.filter(({ ErrorCode }) => ErrorCode !== undefined).length,
                Entries: results,
            };
        },

        async TestEventPattern({ EventPattern = "", Event = "" }, caller) {
            iam.authorize(caller, "events:TestEventPattern", "*");
            const matches = eventPattern(EventPattern);
            return { Result: matches(parsedEvent(Event)) };
        },
    };
}

const eventMembers = ["id", "account", "source", "time", "region", "resources", "detail-type"];

function parsedEvent(text: string): Readonly<Record<string, unknown>> {
    let event: unknown;
    try {
        event = JSON.parse(text);
    } catch {
        // Said below, without quoting it.
    }
    if (typeof event !== "object" || event === null || Array.isArray(event)) {
        throw invalid("Parameter Event is not valid. Reason: it is not a JSON object.");
    }
    const missing = eventMembers.filter((name) => !(name in event));
    if (missing.length > 0) throw invalid(`Parameter Event is not valid. Reason: it lacks ${missing.join(", ")}.`);
    return event as Record<string, unknown>;
}

/** As documented: 14 bytes for the time, and the texts. */
function entrySize({ Time, Source = "", DetailType = "", Detail = "", Resources = [] }: PutEventsRequestEntry): number {
    const texts = [Source, DetailType, Detail, ...Resources];
    return texts.reduce((sum, text) => sum + Buffer.byteLength(text), Time === undefined ? 0 : 14);
}
