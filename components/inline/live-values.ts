import { createRequire } from "node:module";
import { types } from "node:util";
import { type InspectedFunction, inspectFunction } from "./inspect-function";
import { type LoadedName, loadedNames } from "./loaded-names";
import type { LocatedCallback } from "./locate";
import { originalPosition } from "./original-position";
import { readSourceFile } from "./source-file";

/** The value that a variable holds now, while the program deploys. */
export type LiveValue = { readonly value: unknown } | undefined;

type Scope = Readonly<Record<string, unknown>>;

function readFrom(scope: unknown, name: string): LiveValue {
    if (scope === null || (typeof scope !== "object" && typeof scope !== "function") || !(name in scope))
        return undefined;
    try {
        return { value: (scope as Scope)[name] };
    } catch {
        // A variable that the program has not reached yet.
        return undefined;
    }
}

function firstFound(scopes: Iterable<unknown>, name: string): LiveValue {
    for (const scope of scopes) {
        const found = readFrom(scope, name);
        if (found) return found;
    }
    return undefined;
}

/** Matches what a compiler makes of a name that hides another one, or that it needs itself: `limit2` or `limit_1`. */
function renamed(name: string): RegExp {
    return new RegExp(`^${name.replace(/\$/g, "\\$")}_?\\d+$`);
}

/** The value of an enclosing function's or block's variable that a callback captures. */
export function enclosingValue(callback: LocatedCallback, name: string): LiveValue {
    const names = loadedNames(callback);
    const isAlike = ({ loaded }: LoadedName) => loaded === name || renamed(name).test(loaded);
    // A compiler's own functions may be mapped to a name of the author's too.
    const mapped = names.filter((each) => each.written === name && isAlike(each));
    // Where the source map does not say: compilers number a variable that hides another one.
    const unmapped = names.filter((each) => each.written === undefined && isAlike(each));
    const same = unmapped.filter((each) => each.loaded === name);
    const found = [mapped, same, unmapped].find((each) => each.length > 0) ?? [];
    const candidates = new Set(found.map((each) => each.loaded));
    const [only] = candidates;
    return candidates.size === 1 && only !== undefined ? firstFound(callback.inspected.scopes, only) : undefined;
}

// A module's scope in CommonJS holds these too, and they are not the author's variables there.
const moduleNames = new Set(["module", "exports", "require", "__filename", "__dirname"]);

// Compilers take such names for themselves, and rename the author's; likewise those of globals that a file uses too.
const compilerName = /^(?:module|exports|require|__\w+|(?:import|init|require)_\w+|\w+_default)$/;

/**
 * The module-level variables of the files that a callback reaches. A file's variables are seen through the scopes of its
 * functions and, in CommonJS, through what it exports.
 */
export class LiveModules {
    readonly #loaded = new Map<string, string>();
    readonly #scopes = new Map<string, (readonly Scope[])[]>();
    /** What importers see of a file's exports. */
    readonly #imported = new Map<string, object[]>();
    readonly #searched = new Set<string>();

    constructor(callbacks: readonly LocatedCallback[]) {
        for (const callback of callbacks) {
            this.#loaded.set(callback.file.path, callback.loaded);
            this.#addScopes(callback.file.path, callback.inspected);
        }
    }

    /**
     * Tells which file an import leads to, so that its values can be found; `imported` is what the importer sees, under
     * the exported name, or `*`.
     */
    follow(fromFile: string, specifier: string, toFile: string, imported: LiveValue, name = ""): void {
        if (!this.#loaded.has(toFile)) this.#loaded.set(toFile, this.#resolveLoaded(fromFile, specifier) ?? toFile);
        if (imported) {
            const seen = this.#imported.get(toFile) ?? [];
            if (name !== "*") seen.push({ [name]: imported.value });
            else if (types.isModuleNamespaceObject(imported.value)) seen.push(imported.value as object);
            this.#imported.set(toFile, seen);
        }
        this.#learnFrom(imported?.value, toFile);
    }

    /** The value of a module-level variable, or of the export that makes it known outside. */
    read(file: string, name: string, exportedAs: readonly string[]): LiveValue {
        const found = this.readExport(file, exportedAs) ?? this.#readScopes(file, name);
        if (found || this.#searched.has(file)) return found;
        this.#searched.add(file);
        const exports = this.#exportsOf(file);
        for (const each of Object.keys(exports ?? {})) this.#learnFrom(readFrom(exports, each)?.value, file);
        return this.#readScopes(file, name);
    }

    #readScopes(file: string, written: string): LiveValue {
        const name = compilerName.test(written) || written in globalThis ? this.#renamed(file, written) : written;
        if (moduleNames.has(name) && this.#exportsOf(file)) return undefined;
        for (const scopes of this.#scopes.get(file) ?? []) {
            // From the outside in: an enclosing function's variable may bear the same name.
            const found = firstFound([...scopes].reverse(), name);
            if (found) return found;
        }
        return undefined;
    }

    /** The one name that a compiler made of an author's that it needs itself; the name as written when there is none. */
    #renamed(file: string, name: string): string {
        const words = new Set(readSourceFile(file).text.match(/[\p{ID_Start}$_][\p{ID_Continue}$]*/gu));
        const isOfAuthor = (scope: Scope) => Object.keys(scope).some((each) => !moduleNames.has(each));
        const moduleScopes = (this.#scopes.get(file) ?? []).map((scopes) => scopes.findLast(isOfAuthor) ?? {});
        const present = new Set(moduleScopes.flatMap((scope) => Object.keys(scope)));
        const candidates = [...present].filter((each) => renamed(name).test(each) && !words.has(each));
        return candidates.length === 1 && candidates[0] !== undefined ? candidates[0] : name;
    }

    /** The value that a file exports under one of these names. */
    readExport(file: string, names: readonly string[]): LiveValue {
        const exports = this.#exportsOf(file);
        for (const name of names) {
            const found = readFrom(exports, name) ?? firstFound(this.#imported.get(file) ?? [], name);
            if (found) return found;
        }
        return undefined;
    }

    #exportsOf(file: string): Record<string, unknown> | undefined {
        const loaded = this.#loaded.get(file) ?? file;
        const exports: unknown = (require.cache[loaded] ?? require.cache[file])?.exports;
        return typeof exports === "object" && exports !== null ? (exports as Record<string, unknown>) : undefined;
    }

    #resolveLoaded(fromFile: string, specifier: string): string | undefined {
        try {
            return createRequire(this.#loaded.get(fromFile) ?? fromFile).resolve(specifier);
        } catch {
            return undefined;
        }
    }

    #learnFrom(subject: unknown, file: string): void {
        if (typeof subject !== "function") return;
        const inspected = inspectFunction(subject);
        if (inspected && originalPosition(inspected)?.file === file) this.#addScopes(file, inspected);
    }

    #addScopes(file: string, { scopes }: InspectedFunction): void {
        const known = this.#scopes.get(file) ?? [];
        known.push(scopes);
        this.#scopes.set(file, known);
    }
}
