import type { Dimension, Measurement } from "../cloudwatch";
import type { TwinContext } from "../context";
import type { Outcome } from "./outcome";

const namespace = "AWS/Lambda";

/** What Lambda tells CloudWatch about functions. */
export interface LambdaMetrics {
    /** An invocation begins. @param concurrent how many of the function run now, this one included */
    began(name: string, concurrent: number): void;
    ended(name: string, outcome: Outcome): void;
    /** An invocation was refused since no environment was free. */
    throttled(name: string): void;
    /** @param age milliseconds since the last record of a batch came to the stream */
    iteratorAge(name: string, streamArn: string, age: number): void;
    /** What became of so many events of a mapping that counts them. */
    mappingEvents(uuid: string, metric: MappingEventMetric, count: number): void;
    /** An asynchronous invocation was accepted. */
    eventReceived(name: string): void;
    /** @param age milliseconds that it has waited */
    eventInvoked(name: string, age: number): void;
    /** It was given up. */
    eventDropped(name: string): void;
    /** Its record could not be written to the destination. */
    destinationFailed(name: string): void;
}

export type MappingEventMetric =
    | "InvokedEventCount"
    | "FailedInvokeEventCount"
    | "DroppedEventCount"
    | "OnFailureDestinationDeliveredEventCount";

export function createLambdaMetrics({ services }: TwinContext): LambdaMetrics {
    function measure(name: string, measurements: readonly Measurement[]): void {
        const { cloudwatch } = services();
        const functionName: Dimension = ["FunctionName", name];
        // By function, by what was invoked of it, and over all functions.
        cloudwatch.measure(namespace, [functionName], measurements);
        cloudwatch.measure(namespace, [functionName, ["Resource", name]], measurements);
        cloudwatch.measure(namespace, [], measurements);
    }
    const count = (metric: string, value = 1): Measurement => ({ name: metric, unit: "Count", value });
    const milliseconds = (metric: string, value: number): Measurement => ({
        name: metric,
        unit: "Milliseconds",
        value,
    });

    return {
        began: (name, concurrent) => measure(name, [count("ConcurrentExecutions", concurrent)]),
        ended(name, { ok, duration }) {
            const counts = [count("Invocations"), count("Errors", ok ? 0 : 1), count("Throttles", 0)];
            measure(name, [...counts, milliseconds("Duration", duration)]);
        },
        throttled: (name) => measure(name, [count("Throttles")]),
        iteratorAge(name, streamArn, age) {
            const value = Math.max(0, age);
            measure(name, [milliseconds("IteratorAge", value)]);
            // To the stream, an event source mapping is a reader like any other.
            const stream: Dimension = ["StreamName", streamArn.slice(streamArn.indexOf("/") + 1)];
            const behind = milliseconds("GetRecords.IteratorAgeMilliseconds", value);
            services().cloudwatch.measure("AWS/Kinesis", [stream], [behind]);
        },
        mappingEvents(uuid, metric, value) {
            services().cloudwatch.measure(namespace, [["EventSourceMappingUUID", uuid]], [count(metric, value)]);
        },
        eventReceived: (name) => measure(name, [count("AsyncEventsReceived")]),
        eventInvoked: (name, age) => measure(name, [milliseconds("AsyncEventAge", Math.max(0, age))]),
        eventDropped: (name) => measure(name, [count("AsyncEventsDropped")]),
        destinationFailed: (name) => measure(name, [count("DestinationDeliveryFailures")]),
    };
}
