import { componentsOf, type DeployedComponent, outputOf } from "../automation/deployment";
import { objectOf } from "../automation/failure-object";
import type { Stage } from "../automation/stages";
import { recordKind } from "../components/record-kind";
import type { RecordKind } from "../components/runtime/envelope";
import type { StackExport } from "../local/pulumi";

/** A deployed stream, as far as those who write to it need to know it. */
export interface TargetStream {
    /** In the program. */
    readonly name: string;
    /** In Kinesis. */
    readonly streamName: string;
    /** For data that are too big for a record. */
    readonly bucket: string;
    readonly kind: RecordKind;
}

/** The stream that a test means: the one that the program exports by this name, else the one that it calls so. */
export function streamNamed(stack: StackExport, name: string): TargetStream {
    // Pulumi exports a component as its properties, of which this one says which it is.
    const urn = objectOf(stack.outputs[name])?.urn;
    const exported = stack.resources.find((resource) => resource.urn === urn)?.name;
    const wanted = exported ?? name;
    return found(stack, `"${name}"`, (stream) => stream.name === wanted);
}

/** The stream that a stage reads. */
export function streamOf(stack: StackExport, { name, streamName }: Stage): TargetStream {
    return found(stack, `that the stage "${name}" reads`, ({ outputs }) => outputs.streamName === streamName);
}

function found(stack: StackExport, which: string, isIt: (stream: DeployedComponent) => boolean): TargetStream {
    const streams = componentsOf(stack, "EventStream");
    const stream = streams.find(isIt);
    if (stream === undefined) {
        const names = streams.map(({ name }) => name).join(", ");
        throw new Error(
            `The program has no EventStream ${which}. ${names === "" ? "It has none." : `It has: ${names}.`}`,
        );
    }
    return {
        name: stream.name,
        streamName: outputOf(stream, "streamName"),
        bucket: outputOf(stream, "failureBucket"),
        kind: recordKind(stream.name, schemaOf(stack, stream.name)),
    };
}

/** The stack's state keeps it as text. */
function schemaOf({ resources }: StackExport, stream: string): Readonly<Record<string, unknown>> {
    const component = resources.find(({ type, name }) => type === "sortline:index:EventStream" && name === stream);
    const schema = component?.inputs.schema;
    return typeof schema === "string" ? (objectOf(JSON.parse(schema)) ?? {}) : {};
}
