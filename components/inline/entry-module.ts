import type { ArtefactPlan, EntryCallback } from "./artefact-plan";
import { literal, literalKey } from "./data";
import { valuesModule } from "./extract";
import type { WrittenValues } from "./write-values";

/** What surrounds the callbacks of an artefact. */
export interface EntryOptions {
    readonly adapter: string;
    readonly settings: Readonly<Record<string, unknown>>;
    /** Absolute path of a file whose default export is the handler, in the place of a callback. */
    readonly entry?: string;
}

function callbackExpression(callback: EntryCallback, local: string, values: WrittenValues): string {
    const { parameters } = callback.planned;
    if (parameters.length === 0) return local;
    return `${local}(${parameters.map((name) => values.names.get(callback.values.get(name)) ?? "undefined").join(", ")})`;
}

/** The ES module from which an artefact is bundled: it hands the callbacks to the adapter and exports the handler. */
export function entryModule(plan: ArtefactPlan, values: WrittenValues, options: EntryOptions): string {
    const lines = [`import { adapt } from ${JSON.stringify(options.adapter)};`];
    const callbacks = [...(plan.main === undefined ? [] : [plan.main]), ...plan.others.values()];
    const locals = new Map(callbacks.map((each, index) => [each, `entry${index}`]));
    for (const [each, local] of locals) {
        lines.push(`import { ${each.planned.exportName} as ${local} } from ${JSON.stringify(each.file)};`);
    }
    if (options.entry !== undefined) lines.push(`import entryFile from ${JSON.stringify(options.entry)};`);
    const used = new Set(
        callbacks.flatMap((each) => each.planned.parameters.map((name) => values.names.get(each.values.get(name)))),
    );
    const names = [...used].filter((name) => name !== undefined);
    if (names.length > 0) lines.push(`import { ${names.join(", ")} } from ${JSON.stringify(valuesModule)};`);
    const expression = (each: EntryCallback) => callbackExpression(each, locals.get(each) ?? "undefined", values);
    const others = [...plan.others].map(([name, each]) => `${literalKey(name)}: ${expression(each)}`);
    const main = plan.main === undefined ? "entryFile" : expression(plan.main);
    lines.push(`export const handler = adapt(${main}, ${literal(options.settings)}, { ${others.join(", ")} });`);
    return lines.join("\n");
}
