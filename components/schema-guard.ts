import * as pulumi from "@pulumi/pulumi";
import { schemaDigest } from "./record-kind";
import type { JsonSchema } from "./schema";
import { breakingChanges } from "./schema-change/compare";
import type { Finding } from "./schema-change/finding";
import { canHook, uniqueHookName } from "./update-hook";
import { schemaChanges } from "./update-order";

/** What a stream's state keeps of its schema, for the next deployment. */
export interface KeptSchema {
    /** JSON Schema as text: it would be no schema any more if an engine left out what it takes for empty. */
    readonly schema: string;
}

export function keptSchema(schema: JsonSchema): KeptSchema {
    return { schema: JSON.stringify(schema) };
}

/**
 * Options that stop a deployment, and its preview, before a change of schema that breaks records in flight.
 *
 * The schema that is deployed is an input of the stream's component in the stack's state. Pulumi calls a hook with it
 * before the component is updated, also in a preview, and registers nothing below the component before that: neither
 * function that reads or writes the stream has changed when the hook refuses.
 *
 * @param accepted digests of deployed schemas that the new one may break.
 */
export function guardedSchema(
    name: string,
    schema: JsonSchema,
    accepted: readonly string[],
    options: pulumi.ComponentResourceOptions = {},
): pulumi.ComponentResourceOptions {
    if (!canHook()) return options;
    if (process.env.PULUMI_NODEJS_SKIP_COMPONENT_INPUTS) {
        void pulumi.log.warn(
            `EventStream "${name}": PULUMI_NODEJS_SKIP_COMPONENT_INPUTS is set, so that the state keeps no schema: whether a change of it breaks records in flight is not checked.`,
        );
    }
    const hook = new pulumi.ResourceHook(
        uniqueHookName(`EventStream:${name}:schema`),
        ({ oldInputs }) => {
            checkChange(name, (oldInputs as Partial<KeptSchema> | undefined)?.schema, schema, accepted);
            schemaChanges(schema);
        },
        { onDryRun: true },
    );
    const { beforeUpdate = [], ...hooks } = options.hooks ?? {};
    return { ...options, hooks: { ...hooks, beforeUpdate: [...beforeUpdate, hook] } };
}

function checkChange(name: string, kept: unknown, schema: JsonSchema, accepted: readonly string[]): void {
    // A stream that was deployed before schemas were kept.
    if (typeof kept !== "string") return;
    const deployed = JSON.parse(kept) as JsonSchema;
    const digest = schemaDigest(deployed);
    const findings = breakingChanges(deployed, schema);
    const breaking = findings.filter(({ certain }) => certain);
    if (breaking.length > 0 && !accepted.includes(digest)) throw new Error(refusal(name, digest, findings));
    const said = breaking.length > 0 ? accept(name, digest) : undecided(name, digest);
    if (findings.length > 0) void pulumi.log.warn([said, ...lines(findings)].join("\n"));
}

function refusal(name: string, digest: string, findings: readonly Finding[]): string {
    return [
        `EventStream "${name}": the schema breaks records in flight that fit the deployed one (${digest}):`,
        ...lines(findings),
        "Such records would be rejected. Go on in one of these ways:",
        "  - Keep to what takes every earlier record: optional instead of required, a wider type or range, further values.",
        "  - Make another stream with the new schema, and remove this one when it is empty.",
        `  - Where no such record is left, or they may be rejected, say so: replacesSchemas: ["${digest}"].`,
    ].join("\n");
}

function accept(name: string, digest: string): string {
    return `EventStream "${name}": the schema breaks records in flight that fit the deployed one (${digest}), as replacesSchemas accepts. Those that do not fit are rejected:`;
}

function undecided(name: string, digest: string): string {
    return `EventStream "${name}": it cannot be decided whether the schema takes every record in flight that fits the deployed one (${digest}). Those that do not fit are rejected. Compare:`;
}

function lines(findings: readonly Finding[]): string[] {
    return findings.map(({ path, change, certain }) => `  ${path}: ${change}${certain ? "" : " (cannot be decided)"}`);
}
