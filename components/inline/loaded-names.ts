import { parse } from "@babel/parser";
import traverse from "@babel/traverse";
import type * as t from "@babel/types";
import type { LocatedCallback } from "./locate";
import { originalPlace } from "./original-position";

/** A name that a function uses and does not declare, as Node loaded it and as its author wrote it. */
export interface LoadedName {
    readonly loaded: string;
    /** Undefined where the source map does not lead to a name. */
    readonly written: string | undefined;
}

function globalUses(text: string): t.Identifier[] {
    const uses: t.Identifier[] = [];
    traverse(parse(`(${text})`), {
        ReferencedIdentifier(path) {
            const { node, scope } = path;
            if (node.type === "Identifier" && !scope.hasBinding(node.name, true)) uses.push(node);
        },
    });
    return uses;
}

/** The name that stands at a place of a text, with line and column from 0. */
function nameAt(lines: readonly string[], line: number, column: number): string | undefined {
    return /^[\p{ID_Start}$_][\p{ID_Continue}$]*/u.exec((lines[line] ?? "").slice(column))?.[0];
}

const known = new WeakMap<LocatedCallback, readonly LoadedName[]>();

/** The names that a callback uses and does not declare: compilers rename variables, and the source map knows which. */
export function loadedNames(callback: LocatedCallback): readonly LoadedName[] {
    const found = known.get(callback);
    if (found) return found;
    const { inspected, text, file } = callback;
    const script = inspected.scriptText().split("\n");
    const place = script.slice(0, inspected.line).reduce((sum, each) => sum + each.length + 1, inspected.column);
    // V8 gives the place of the parameters for some functions, and of their first word for others.
    const start = script.join("\n").lastIndexOf(text, place);
    const before = script.join("\n").slice(0, start).split("\n");
    const lines = file.text.split(/\r\n|[\n\r\u2028\u2029]/);
    const names = globalUses(text).map(({ name, loc }) => {
        if (start === -1 || !loc) return { loaded: name, written: undefined };
        // The parsed text has a parenthesis in front.
        const line = before.length - 1 + loc.start.line - 1;
        const column = loc.start.line === 1 ? (before.at(-1)?.length ?? 0) + loc.start.column - 1 : loc.start.column;
        const original = originalPlace(inspected, line, column);
        return { loaded: name, written: original && nameAt(lines, original.line, original.column) };
    });
    known.set(callback, names);
    return names;
}
