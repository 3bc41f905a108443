import type { TwinContext } from "../context";
import { jsonService } from "../protocol/json";
import type { AwsService } from "../service";
import { deliver, type NewEvent } from "./delivery";
import { type EventsOperations, eventsOperations } from "./operations";
import { createRules } from "./rules";

export type { NewEvent } from "./delivery";
export type { EventsOperations } from "./operations";

export interface Events extends AwsService {
    readonly operations: EventsOperations;
    /**
     * An event of one of the twin's own services, on the default bus. To be called in the store transaction of what it
     * tells about: its invocations are then stored together with it.
     * @returns its id
     */
    emit(event: NewEvent): string;
}

/** EventBridge, on the store. */
export function createEvents(context: TwinContext): Events {
    const rules = createRules(context.store);
    const emit = (event: NewEvent) => deliver(context, rules, event);
    const operations = eventsOperations(context, rules, emit);
    return {
        ...jsonService({
            signingNames: ["events"],
            targetPrefixes: ["AWSEvents"],
            contentType: "application/x-amz-json-1.1",
            operations,
            decode: {
                PutEvents: (input) => ({
                    Entries: (input.Entries as Readonly<Record<string, unknown>>[] | undefined)?.map((entry) => ({
                        ...entry,
                        Time: typeof entry.Time === "number" ? new Date(entry.Time * 1000) : undefined,
                    })),
                }),
            },
        }),
        operations,
        emit,
    };
}
