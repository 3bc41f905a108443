import type { TwinContext } from "../context";
import { checkMembers } from "../protocol/constraints";
import { jsonService } from "../protocol/json";
import { decodeMembers } from "../protocol/shape";
import type { AwsService, Caller } from "../service";
import { type ApiDestinationOperations, apiDestinationOperations } from "./api-destination-operations";
import { openApiDestinations } from "./api-destinations";
import { type BusOperations, busOperations } from "./bus-operations";
import { openBuses } from "./buses";
import { type ConnectionOperations, connectionOperations } from "./connection-operations";
import { openConnections } from "./connections";
import { createDeliveries } from "./deliveries";
import { createDelivery, type NewEvent } from "./delivery";
import { type EventOperations, eventOperations } from "./event-operations";
import { type RuleOperations, ruleOperations } from "./rule-operations";
import { createRules } from "./rules";
import { createScheduler } from "./scheduler";
import { shapes } from "./shapes";
import { type TagOperations, tagOperations } from "./tags";

export type { NewEvent } from "./delivery";

export interface EventsOperations
    extends BusOperations,
        RuleOperations,
        EventOperations,
        TagOperations,
        ConnectionOperations,
        ApiDestinationOperations {}

export interface Events extends AwsService {
    readonly operations: EventsOperations;
    /**
     * An event of one of the twin's own services, on the default bus. To be called in the store transaction of what it
     * tells about: its deliveries are then stored together with it.
     * @returns its id
     */
    emit(event: NewEvent): string;
    /** Takes up schedules and deliveries. Once, when all services stand. */
    start(): void;
    /** No event is on its way. */
    idle(): boolean;
    /** What keeps it from being idle, for a person. */
    busy(): string[];
    close(): Promise<void>;
}

/** EventBridge, on the store: buses, rules with patterns and schedules, targets, connections and API destinations. */
export function createEvents(context: TwinContext): Events {
    const { store } = context;
    const buses = openBuses(store);
    const rules = createRules(store);
    const connections = openConnections(store);
    const destinations = openApiDestinations(store);
    const deliveries = createDeliveries(context, { connections, destinations });
    const delivery = createDelivery(context, { rules, buses, deliveries });
    const scheduler = createScheduler(context, rules, delivery);
    const operations = checked({
        ...busOperations(context, { buses, rules }),
        ...ruleOperations(context, { buses, rules, scheduler }),
        ...eventOperations(context, { buses, delivery }),
        ...tagOperations(context, { rules, buses }),
        ...connectionOperations(context, { connections, destinations }),
        ...apiDestinationOperations(context, { connections, destinations }),
    });
    return {
        ...jsonService({
            signingNames: ["events"],
            targetPrefixes: ["AWSEvents"],
            contentType: "application/x-amz-json-1.1",
            operations,
            decode: Object.fromEntries(
                Object.entries(shapes).map(([name, shape]) => [name, (input) => decodeMembers(shape, input)]),
            ),
        }),
        operations,
        emit: (event) => delivery.emit("default", event),
        start() {
            deliveries.start();
            scheduler.start();
        },
        idle: deliveries.idle,
        busy: deliveries.busy,
        async close() {
            scheduler.stop();
            await deliveries.close();
        },
    };
}

/** The operations, each of which first checks what it is called with. */
function checked(operations: EventsOperations): EventsOperations {
    const entries = Object.entries(operations).map(([name, operation]) => [
        name,
        async (input: object, caller: Caller) => {
            checkMembers("EventBridge", name, shapes[name as keyof EventsOperations], input);
            return operation(input, caller);
        },
    ]);
    return Object.fromEntries(entries) as EventsOperations;
}
