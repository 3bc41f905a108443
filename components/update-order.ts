import { setTimeout as wait } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import type { JsonSchema } from "./schema";
import { canHook, uniqueHookName } from "./update-hook";

/** What is known of a stream while a program runs. */
interface Stream {
    readonly readers: { readonly stage: string; readonly function: pulumi.CustomResource }[];
    /** Its schema is another one than the one that is deployed. */
    changes: boolean;
}

const streams = new WeakMap<JsonSchema, Stream>();

/** How long a function waits for others to be updated, in milliseconds. */
const PATIENCE_MILLISECONDS = 60_000;

function streamOf(schema: JsonSchema): Stream {
    const stream = streams.get(schema) ?? { readers: [], changes: false };
    streams.set(schema, stream);
    return stream;
}

/** Notes that a stream's schema changes with this deployment. */
export function schemaChanges(schema: JsonSchema): void {
    streamOf(schema).changes = true;
}

/** Notes the function of a stage that reads a stream. */
export function readsStream(schema: JsonSchema, stage: string, reader: pulumi.CustomResource): void {
    streamOf(schema).readers.push({ stage, function: reader });
}

/**
 * Lets a function that writes to a stream be updated after those that read it, where the stream's schema changes: a
 * reader of the earlier schema would reject what only the new one allows. A hook that waits for a time, since a
 * dependency would be for ever, and a circle where a stage writes to its own stream.
 */
export function afterReaders(name: string, schema: JsonSchema): pulumi.ResourceHookBinding | undefined {
    if (!canHook()) return undefined;
    const hook = new pulumi.ResourceHook(uniqueHookName(`${name}:after-readers`), async () => {
        const { changes, readers } = streamOf(schema);
        if (!changes) return;
        const others = readers.filter(({ stage }) => stage !== name);
        const updated = Promise.all(others.map((reader) => isRegistered(reader.function)));
        await Promise.race([updated, wait(PATIENCE_MILLISECONDS, undefined, { ref: false })]);
    });
    return { beforeUpdate: [hook] };
}

function isRegistered(resource: pulumi.CustomResource): Promise<unknown> {
    return new Promise((resolve) => resource.urn.apply(resolve));
}
