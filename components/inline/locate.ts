import { join, sep } from "node:path";
import type { NodePath } from "@babel/traverse";
import type * as t from "@babel/types";
import { callSite } from "./call-site";
import { isTypeOnly } from "./free-variables";
import { InlineError, type Location } from "./inline-error";
import { type InspectedFunction, inspectFunction } from "./inspect-function";
import { sortlineRoot } from "./module-resolution";
import { type OriginalPosition, originalPosition } from "./original-position";
import { locationOf, readSourceFile, type SourceFile } from "./source-file";

/** A callback's place in its author's source. */
export interface LocatedCallback {
    readonly subject: (...args: never[]) => unknown;
    readonly file: SourceFile;
    readonly path: NodePath<t.Function>;
    readonly inspected: InspectedFunction;
    /** The function's text as Node loaded it. */
    readonly text: string;
    /** The file that Node loaded: the source itself, or what a compiler made of it. */
    readonly loaded: string;
    readonly location: Location;
}

interface Position {
    readonly line: number;
    readonly column: number;
}

function isBefore(a: Position, b: Position): boolean {
    return a.line < b.line || (a.line === b.line && a.column < b.column);
}

function parameterCount(node: t.Function): number {
    const own = node.params.filter((each) => !(each.type === "Identifier" && each.name === "this"));
    const end = own.findIndex((each) => each.type === "AssignmentPattern" || each.type === "RestElement");
    return end === -1 ? own.length : end;
}

// Names of properties survive every compiler that runs programs in place, so they tell whether a piece of source is what
// a function was made from. Members of enums and imports are left out: compilers may put the constants in their place.
function propertyNames(path: NodePath<t.Function>): Set<string> {
    const names = new Set<string>();
    path.traverse({
        enter(at) {
            if (isTypeOnly(at.node)) return at.skip();
            if (!at.isMemberExpression() && !at.isOptionalMemberExpression()) return;
            const { property, computed } = at.node;
            let object: t.Node = at.node.object;
            while (object.type === "MemberExpression") object = object.object;
            const binding = object.type === "Identifier" ? at.scope.getBinding(object.name) : undefined;
            if (binding?.kind === "module" || binding?.path.isTSEnumDeclaration()) return;
            if (binding?.path.isTSModuleDeclaration()) return;
            if (!computed && property.type === "Identifier") names.add(property.name);
        },
    });
    return names;
}

/** True where a text is the author's, but for types that Node itself blanks out; a cast at the end is not even blank. */
function isErased(authored: string, loaded: string): boolean {
    if (authored.length < loaded.length) return false;
    // What is blanked out ends in a semicolon where the next line would be taken for its continuation.
    for (let at = 0; at < loaded.length; at++) {
        if (authored[at] !== loaded[at] && loaded[at] !== " " && loaded[at] !== ";") return false;
    }
    return true;
}

function couldBe(
    path: NodePath<t.Function>,
    file: SourceFile,
    callback: { length: number; text: string },
    mapped: boolean,
) {
    if (!mapped) return isErased(file.text.slice(path.node.start ?? 0, path.node.end ?? 0), callback.text);
    if (parameterCount(path.node) !== callback.length) return false;
    // A parameter may be named `async`.
    if (/^async\b(?!\s*=>)/.test(callback.text) && !path.node.async) return false;
    // Compilers may write letters beyond ASCII as escapes.
    const text = callback.text.replace(/\\u(?:\{([\da-f]+)\}|([\da-f]{4}))/gi, (_, long, short) =>
        String.fromCodePoint(Number.parseInt(long ?? short, 16)),
    );
    const words = new Set(text.match(/[\p{ID_Start}$_][\p{ID_Continue}$]*/gu));
    return [...propertyNames(path)].every((name) => words.has(name));
}

function findFunction(file: SourceFile, position: OriginalPosition, callback: { length: number; text: string }) {
    const around: NodePath<t.Function>[] = [];
    const after: NodePath<t.Function>[] = [];
    file.program.traverse({
        enter(path) {
            const { loc } = path.node;
            if (!loc) return;
            // Only what reaches the position, or begins soon after it, is looked into: a file may hold many callbacks.
            if (!isBefore(position, loc.end) || loc.start.line > position.line + 1) path.skip();
            else if (!path.isFunction()) return;
            else if (isBefore(position, loc.start)) after.push(path);
            else around.unshift(path);
        },
    });
    // A map's entry may lie a token off: then the function begins shortly after it.
    return [...around, ...after].find((path) => couldBe(path, file, callback, position.mapped));
}

/** True for this package's own files: the call that people know is further out. */
function isOurs(file: string): boolean {
    const root = sortlineRoot();
    return [__dirname, join(root, "components"), join(root, "dist")].some((each) => file.startsWith(each + sep));
}

const notOurs =
    "Pass an arrow function or a function expression written in your program, for example: async (message) => handle(message)";

/** Finds where a callback was written. Throws an `InlineError` for what has no source: bound, native and generated functions. */
export function locate(stage: string, callback: (...args: never[]) => unknown): LocatedCallback {
    const passed = () => callSite(isOurs) ?? { file: "(no file)", line: 1, column: 1 };
    if (typeof callback !== "function") {
        throw InlineError.of(stage, [
            {
                location: passed(),
                what: `its handler is ${callback === null ? "null" : `of type ${typeof callback}`}, not a function`,
                remedy: notOurs,
            },
        ]);
    }
    const inspected = inspectFunction(callback);
    const position = inspected && originalPosition(inspected);
    const name = callback.name === "" ? "its handler" : `"${callback.name}"`;
    if (!inspected || !position) {
        const what = `${name} is ${inspected ? "made from a string" : "a bound or built-in function"}: it has no source to take along`;
        throw InlineError.of(stage, [{ location: passed(), what, remedy: notOurs }]);
    }
    const location = { file: position.file, line: position.line, column: position.column + 1 };
    let file: SourceFile;
    try {
        file = readSourceFile(position.file);
    } catch (error) {
        const what = `its file cannot be parsed: ${error instanceof Error ? error.message : String(error)}`;
        throw InlineError.of(stage, [
            { location, what, remedy: "Correct the file, or move the handler to a file of its own" },
        ]);
    }
    const stale = position.sourceContent !== undefined && position.sourceContent !== file.text;
    const text = callback.toString();
    const path = stale ? undefined : findFunction(file, position, { length: callback.length, text });
    if (!path) {
        throw InlineError.of(stage, [
            {
                location,
                what: `${name} is not found at this place: ${
                    position.mapped
                        ? "the file has changed since it was compiled"
                        : "the program was compiled without a source map"
                }`,
                remedy: 'Run the program with tsx or ts-node, or compile it again with source maps (tsc: "sourceMap": true)',
            },
        ]);
    }
    if (path.isObjectMethod() || path.isClassMethod() || path.isClassPrivateMethod()) {
        throw InlineError.of(stage, [
            {
                location: locationOf(file, path.node),
                what: `${name} is a method, which cannot stand alone`,
                remedy: `Pass a function that calls it: (value) => service.${callback.name || "handle"}(value)`,
            },
        ]);
    }
    return {
        subject: callback,
        file,
        path,
        inspected,
        text,
        loaded: position.loaded,
        location: locationOf(file, path.node),
    };
}
