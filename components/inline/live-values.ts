import { createRequire } from "node:module";
import { parse } from "@babel/parser";
import traverse from "@babel/traverse";
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

const used = new WeakMap<LocatedCallback, ReadonlySet<string>>();

/** The names that a callback uses and does not declare, as Node loaded it. */
function globalNames(callback: LocatedCallback): ReadonlySet<string> {
    const known = used.get(callback);
    if (known) return known;
    let names: string[] = [];
    traverse(parse(`(${callback.text})`), {
        Program(program) {
            names = Object.keys((program.scope as unknown as { globals: object }).globals);
            program.stop();
        },
    });
    const found = new Set(names);
    used.set(callback, found);
    return found;
}

/** Matches what a compiler makes of a name that hides another one, or that it needs itself: `limit2` or `limit_1`. */
function renamed(name: string): RegExp {
    return new RegExp(`^${name.replace(/\$/g, "\\$")}_?\\d+$`);
}

/** The name that an author's variable has in what Node loaded; undefined where it cannot be told. */
function loadedName(callback: LocatedCallback, name: string): string | undefined {
    const all = globalNames(callback);
    const isAlike = (loaded: string) => renamed(name).test(loaded);
    if (![...all].some(isAlike)) return all.has(name) ? name : undefined;
    const names = loadedNames(callback).filter(({ loaded }) => loaded === name || isAlike(loaded));
    // A compiler's own functions may be mapped to a name of the author's too.
    const mapped = names.filter((each) => each.written === name);
    // Where the source map does not say: compilers number a variable that hides another one.
    const unmapped = names.filter((each) => each.written === undefined);
    const same = unmapped.filter((each) => each.loaded === name);
    const found: readonly LoadedName[] = [mapped, same, unmapped].find((each) => each.length > 0) ?? [];
    const [only, ...others] = new Set(found.map((each) => each.loaded));
    return others.length === 0 ? only : undefined;
}

/** The value of an enclosing function's or block's variable that a callback captures. */
export function enclosingValue(callback: LocatedCallback, name: string): LiveValue {
    const loaded = loadedName(callback, name);
    return loaded === undefined ? undefined : firstFound(callback.inspected.scopes, loaded);
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

    #readScopes(file: string, written: string): LiveValue {
        const name = compilerName.test(written) || written in globalThis ? this.#renamed(file, written) : written;
        if (moduleNames.has(name) && this.#requiredExports(file)) return undefined;
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

    /** The value that a file exports under the first of these names that it has. */
    readExport(file: string, names: readonly string[]): LiveValue {
        const exports = this.#exportsOf(file);
        for (const name of names) {
            const found = readFrom(exports, name);
            if (found) return found;
        }
        return undefined;
    }

    #exportsOf(file: string): Readonly<Record<string, unknown>> | undefined {
        return this.#requiredExports(file) ?? this.#seen.get(file);
    }

    /** What a CommonJS module exports. */
    #requiredExports(file: string): Readonly<Record<string, unknown>> | undefined {
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
