import { createRequire } from "node:module";
import { parse } from "@babel/parser";
import traverse from "@babel/traverse";
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

function wrapped(scope: unknown, name: string): Scope {
    const found = readFrom(scope, name);
    return found ? { [name]: found.value } : {};
}

function firstFound(scopes: Iterable<unknown>, name: string): LiveValue {
    for (const scope of scopes) {
        const found = readFrom(scope, name);
        if (found) return found;
    }
    return undefined;
}

/** The names that a function uses and does not declare, as Node loaded it. */
function globalNames(text: string): ReadonlySet<string> {
    let names: string[] = [];
    traverse(parse(`(${text})`), {
        Program(program) {
            names = Object.keys((program.scope as unknown as { globals: object }).globals);
            program.stop();
        },
    });
    return new Set(names);
}

/** The value of an enclosing function's or block's variable that a callback captures. */
export function enclosingValue(callback: LocatedCallback, name: string): LiveValue {
    // Compilers number a variable that hides another one: `limit` becomes `limit2` or `limit_1`.
    const renamed = new RegExp(`^${name.replace(/\$/g, "\\$")}_?\\d+$`);
    const used = globalNames(callback.text);
    const candidates = used.has(name) ? [name] : [...used].filter((each) => renamed.test(each));
    const [only] = candidates;
    return candidates.length === 1 && only !== undefined ? firstFound(callback.inspected.scopes, only) : undefined;
}

// A module's scope in CommonJS holds these too; they are never the author's variables.
const moduleNames = new Set(["module", "exports", "require", "__filename", "__dirname"]);

/**
 * The module-level variables of the files that a callback reaches. A file's variables are seen through the scopes of its
 * functions and, in CommonJS, through what it exports.
 */
export class LiveModules {
    readonly #loaded = new Map<string, string>();
    readonly #scopes = new Map<string, (readonly Scope[])[]>();
    readonly #searched = new Set<string>();
    /** File -> export -> value, as importing files see it: an ES module does not tell by itself what it exports. */
    readonly #seen = new Map<string, Record<string, unknown>>();

    constructor(callbacks: readonly LocatedCallback[]) {
        for (const callback of callbacks) this.learn(callback);
    }

    /** Makes known what a function sees of its file. */
    learn({ file, loaded, inspected }: LocatedCallback): void {
        this.#loaded.set(file.path, loaded);
        this.#addScopes(file.path, inspected);
    }

    /**
     * Tells which file an import leads to, so that its values can be found; `imported` is what the importer sees of the
     * export `name`, or of the module's namespace for `*`.
     */
    follow(fromFile: string, specifier: string, toFile: string, name: string, imported: LiveValue): void {
        if (!this.#loaded.has(toFile)) this.#loaded.set(toFile, this.#resolveLoaded(fromFile, specifier) ?? toFile);
        if (!imported) return;
        const seen = this.#seen.get(toFile) ?? {};
        this.#seen.set(toFile, seen);
        // What cannot be read yet has no value.
        if (name !== "*") Object.assign(seen, { [name]: imported.value });
        else for (const each of Object.keys(imported.value ?? {})) Object.assign(seen, wrapped(imported.value, each));
        this.#learnFrom(imported.value, toFile);
    }

    /** The value of a module-level variable, or of the export that makes it known outside. */
    read(file: string, name: string, exportedAs: readonly string[]): LiveValue {
        if (moduleNames.has(name)) return undefined;
        const found = this.readExport(file, exportedAs) ?? this.#readScopes(file, name);
        if (found || this.#searched.has(file)) return found;
        this.#searched.add(file);
        const exports = this.#exportsOf(file);
        for (const each of Object.keys(exports ?? {})) this.#learnFrom(readFrom(exports, each)?.value, file);
        return this.#readScopes(file, name);
    }

    /** What a package exports under a name, as far as it was loaded by `require`. */
    readPackage(fromFile: string, specifier: string, name: string): LiveValue {
        const loaded = this.#resolveLoaded(fromFile, specifier);
        return loaded === undefined ? undefined : readFrom(require.cache[loaded]?.exports, name);
    }

    #readScopes(file: string, name: string): LiveValue {
        for (const scopes of this.#scopes.get(file) ?? []) {
            // From the outside in: an enclosing function's variable may bear the same name.
            const found = firstFound([...scopes].reverse(), name);
            if (found) return found;
        }
        return undefined;
    }

    /** The value that a file exports under the first of these names that it has. */
    readExport(file: string, names: readonly string[]): LiveValue {
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
        return typeof exports === "object" && exports !== null
            ? (exports as Record<string, unknown>)
            : this.#seen.get(file);
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
