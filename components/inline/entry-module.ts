import type { ArtefactPlan, EntryCallback } from "./artefact-plan";
import { valuesModule } from "./extract";
import { literal, literalKey } from "./write-data";
import type { WrittenValues } from "./write-values";

/** What surrounds the callbacks of an artefact. */
export interface EntryOptions {
    readonly adapter: string;
    readonly settings: Readonly<Record<string, unknown>>;
    /** Absolute path of a file whose default export is the handler, in the place of a callback. */
    readonly entry?: string;
}

/** Makes the callbacks of the values and functions that they capture, each after those that it needs. */
function callbackLines(entries: readonly EntryCallback[], values: WrittenValues): string[] {
    return entries.map((entry, index) => {
        const given = entry.planned.parameters.map((name) => {
            const captured = entry.functions.get(name);
            if (!captured) return values.names.get(entry.values.get(name)) ?? "undefined";
            const at = entries.indexOf(captured);
            // Functions that need each other: one of them is not made yet.
            return at < index ? `callback${at}` : `function (...given) { return callback${at}.apply(this, given); }`;
        });
        return `const callback${index} = entry${index}${given.length === 0 ? "" : `(${given.join(", ")})`};`;
    });
}

/** The ES module from which an artefact is bundled: it hands the callbacks to the adapter and exports the handler. */
export function entryModule(plan: ArtefactPlan, values: WrittenValues, options: EntryOptions): string {
    const { main, others, entries } = plan;
    const lines = [`import { adapt } from ${JSON.stringify(options.adapter)};`];
    entries.forEach((each, index) => {
        lines.push(`import { ${each.planned.exportName} as entry${index} } from ${JSON.stringify(each.file)};`);
    });
    if (options.entry !== undefined) lines.push(`import entryFile from ${JSON.stringify(options.entry)};`);
    const used = new Set(
        entries.flatMap((each) => each.planned.parameters.map((name) => values.names.get(each.values.get(name)))),
    );
    const names = [...used].filter((name) => name !== undefined);
    if (names.length > 0) lines.push(`import { ${names.join(", ")} } from ${JSON.stringify(valuesModule)};`);
    lines.push(...callbackLines(entries, values));
    const callback = (entry: EntryCallback) => `callback${entries.indexOf(entry)}`;
    const named = [...others].map(([name, each]) => `${literalKey(name)}: ${callback(each)}`);
    const handler = main === undefined ? "entryFile" : callback(main);
    lines.push(`export const handler = adapt(${handler}, ${literal(options.settings)}, { ${named.join(", ")} });`);
    return lines.join("\n");
}
