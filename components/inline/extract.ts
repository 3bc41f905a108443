import type * as t from "@babel/types";
import type { FilePlan } from "./artefact-plan";
import { literalKey } from "./write-data";

/** Text put into a line of a file: what stands behind it has moved by its length. */
export interface Insertion {
    /** 1-based. */
    readonly line: number;
    /** 0-based, in the author's text. */
    readonly column: number;
    readonly length: number;
}

/** What is kept of a user's file: the rest is blank, so that lines stay, and columns but for the insertions. */
export interface ExtractedFile {
    readonly code: string;
    readonly insertions: readonly Insertion[];
}

/** The module that holds the values of an artefact. */
export const valuesModule = "sortline:values";

interface Piece {
    readonly start: number;
    readonly end: number;
    readonly before: string;
    readonly after: string;
}

function blank(text: string): string {
    return text.replace(/[^\r\n\u2028\u2029]/g, " ");
}

function pieces(plan: FilePlan): { inPlace: Piece[]; copies: string[] } {
    const inPlace: Piece[] = [];
    for (const path of plan.kept) {
        const { start, end } = path.node;
        if (typeof start !== "number" || typeof end !== "number") continue;
        const keyword = path.isVariableDeclarator() ? `${(path.parent as t.VariableDeclaration).kind} ` : "";
        inPlace.push({ start, end, before: keyword, after: ";" });
    }
    const copies: string[] = [];
    // Outer functions first: what stands in one of them is part of it.
    const callbacks = plan.callbacks.toSorted((a, b) => (b.path.node.end ?? 0) - (a.path.node.end ?? 0));
    for (const { path, exportName, local, parameters } of callbacks) {
        const { start, end } = path.node;
        if (local !== undefined || typeof start !== "number" || typeof end !== "number") continue;
        const before = `export const ${exportName}=${parameters.length === 0 ? "" : `(${parameters.join(",")})=>`}(`;
        if (inPlace.some((each) => each.start <= start && end <= each.end)) {
            // The function is part of other code that is kept: it stays there, and the artefact calls a copy.
            copies.push(`${before}${plan.file.text.slice(start, end)});`);
        } else inPlace.push({ start, end, before, after: ");" });
    }
    return { inPlace: inPlace.sort((a, b) => a.start - b.start), copies };
}

function named(name: string, local: string): string {
    return name === local
        ? name
        : `${/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) ? name : JSON.stringify(name)} as ${local}`;
}

function importLines(plan: FilePlan, valueNames: ReadonlyMap<unknown, string>): string[] {
    const lines = [...plan.effects].map((from) => `import ${JSON.stringify(from)};`);
    for (const [local, { from, name }] of plan.imports) {
        if (name === "=") {
            lines.push(`import ${local} = require(${JSON.stringify(from)});`);
            continue;
        }
        const clause = name === "*" ? `* as ${local}` : `{ ${named(name, local)} }`;
        lines.push(`import ${clause} from ${JSON.stringify(from)};`);
    }
    const declared = new Set([...plan.kept].flatMap((path) => Object.keys(path.getOuterBindingIdentifiers())));
    for (const [local, captured] of plan.values) {
        const name = valueNames.get(captured);
        if (name !== undefined && !declared.has(local))
            lines.push(`import { ${named(name, local)} } from ${JSON.stringify(valuesModule)};`);
    }
    return lines;
}

function exportLines(plan: FilePlan): string[] {
    const asExported = (name: string) =>
        /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) ? name : literalKey(name);
    const lines = [...plan.exports].map(([name, local]) => `export { ${local} as ${asExported(name)} };`);
    for (const [name, { from, name: original }] of plan.reexports) {
        const clause =
            original === "*" ? `* as ${asExported(name)}` : `{ ${asExported(original)} as ${asExported(name)} }`;
        lines.push(`export ${clause} from ${JSON.stringify(from)};`);
    }
    for (const { local, exportName } of plan.callbacks) {
        if (local !== undefined) lines.push(`export { ${local} as ${exportName} };`);
    }
    return lines;
}

/** Writes what is kept of a file. `valueNames` gives the names under which values are exported. */
export function extract(plan: FilePlan, valueNames: ReadonlyMap<unknown, string>): ExtractedFile {
    const { text } = plan.file;
    const { inPlace, copies } = pieces(plan);
    const insertions: Insertion[] = [];
    let code = "";
    let at = 0;
    let line = 1;
    let lineStart = 0;
    const advance = (to: number, keep: boolean) => {
        const part = text.slice(at, to);
        for (const ending of part.matchAll(/\r\n|[\n\r\u2028\u2029]/g)) {
            line++;
            lineStart = at + ending.index + ending[0].length;
        }
        code += keep ? part : blank(part);
        at = to;
    };
    const insert = (addition: string) => {
        if (addition !== "") insertions.push({ line, column: at - lineStart, length: addition.length });
        code += addition;
    };
    for (const piece of inPlace) {
        advance(piece.start, false);
        insert(piece.before);
        advance(piece.end, true);
        insert(piece.after);
    }
    // An empty file would be taken for CommonJS, and every import from it would be undefined.
    const lines = [...copies, ...importLines(plan, valueNames), ...exportLines(plan), "export {};"];
    return { code: `${code}\n${lines.join("\n")}\n`, insertions };
}
