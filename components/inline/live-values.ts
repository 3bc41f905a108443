import { createRequire } from "node:module";
import { type InspectedFunction, inspectFunction } from "./inspect-function";
import type { LocatedCallback } from "./locate";
import { originalPosition } from "./original-position";

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

/** The variables around a callback, found by name from the inside out. */
export function enclosingValue(callback: LocatedCallback, name: string): LiveValue {
    return firstFound(callback.inspected.scopes, name);
}

/**
 * The module-level variables of the files that a callback reaches. A file's variables are seen through the scopes of its
 * functions and, in CommonJS, through what it exports.
 */
export class LiveModules {
    readonly #loaded = new Map<string, string>();
    readonly #scopes = new Map<string, (readonly Scope[])[]>();
    readonly #searched = new Set<string>();

    constructor(callbacks: readonly LocatedCallback[]) {
        for (const callback of callbacks) {
            this.#loaded.set(callback.file.path, callback.loaded);
            this.#addScopes(callback.file.path, callback.inspected);
        }
    }

    /** Tells which file an import leads to, so that its values can be found; `imported` is what the importer sees. */
    follow(fromFile: string, specifier: string, toFile: string, imported: LiveValue): void {
        if (!this.#loaded.has(toFile)) this.#loaded.set(toFile, this.#resolveLoaded(fromFile, specifier) ?? toFile);
        if (typeof imported?.value === "function") this.#learnFrom(imported.value, toFile);
    }

    /** The value of a module-level variable, or of the export that makes it known outside. */
    read(file: string, name: string, exportedAs: readonly string[]): LiveValue {
        const inScopes = () => {
            for (const scopes of this.#scopes.get(file) ?? []) {
                // From the outside in: a function's own variable may bear the same name.
                const found =
                    firstFound([...scopes].reverse(), name) ??
                    firstFound(exportedAs.length === 0 ? [] : scopes.map((scope) => scope.exports), name);
                if (found) return found;
            }
            return undefined;
        };
        const found = inScopes() ?? this.#readExport(file, exportedAs);
        if (found || this.#searched.has(file)) return found;
        this.#searched.add(file);
        const exports = this.#exportsOf(file);
        for (const each of Object.values(exports ?? {})) if (typeof each === "function") this.#learnFrom(each, file);
        return inScopes();
    }

    #readExport(file: string, names: readonly string[]): LiveValue {
        const exports = this.#exportsOf(file);
        for (const name of names) {
            const found = readFrom(exports, name);
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
        const inspected = inspectFunction(subject);
        if (inspected && originalPosition(inspected)?.file === file) this.#addScopes(file, inspected);
    }

    #addScopes(file: string, { scopes }: InspectedFunction): void {
        const known = this.#scopes.get(file) ?? [];
        known.push(scopes);
        this.#scopes.set(file, known);
    }
}
