import type { NodePath } from "@babel/traverse";
import type * as t from "@babel/types";
import type { FilePlan } from "./artefact-plan";
import { formatLocation, InlineError, type Location, type Problem } from "./inline-error";
import type { LocatedCallback } from "./locate";
import { locationOf, type SourceFile } from "./source-file";

/** Takes a problem found at a place in the code. */
export type Report = (at: NodePath<t.Node>, what: string, remedy: string) => void;

/** What to do about code that uses what exists only while deploying. */
export const writeInstead = "Compute it outside of the handler into plain data, or read an output with .get()";

/** The files of an artefact as far as they are planned, and the problems found on the way. */
export class Planning {
    readonly files = new Map<string, FilePlan>();
    readonly stage: string;
    readonly #external: readonly string[];
    readonly #programs = new Map<string, NodePath<t.Function>>();
    readonly #problems = new Map<string, Problem>();
    readonly #fileOf = new WeakMap<t.Program, SourceFile>();

    /** `external` are the packages that are there at run time without being part of the artefact. */
    constructor(stage: string, callbacks: readonly LocatedCallback[], external: readonly string[]) {
        this.stage = stage;
        this.#external = external;
        for (const { file, path } of callbacks) if (!this.#programs.has(file.path)) this.#programs.set(file.path, path);
    }

    /** The callback that a file passes to the stage, the first where it has more; undefined for a file that is no program. */
    callbackIn(file: SourceFile): NodePath<t.Function> | undefined {
        return this.#programs.get(file.path);
    }

    /** True for an import that stays as it is. */
    isExternal(specifier: string): boolean {
        return this.#external.some((each) => specifier === each || specifier.startsWith(`${each}/`));
    }

    /** The plan of a file, empty at first; `isNew` is called for a file that was not planned before. */
    plan(file: SourceFile, isNew: (plan: FilePlan) => void): FilePlan {
        const known = this.files.get(file.path);
        if (known) return known;
        const plan: FilePlan = {
            file,
            kept: new Set(),
            imports: new Map(),
            effects: new Set(),
            exports: new Map(),
            reexports: new Map(),
            values: new Map(),
            callbacks: [],
        };
        this.files.set(file.path, plan);
        this.#fileOf.set(file.program.node, file);
        isNew(plan);
        return plan;
    }

    /** The planned file that a node belongs to. */
    fileOf(at: NodePath<t.Node>): SourceFile {
        const file = this.#fileOf.get(at.scope.getProgramParent().path.node as t.Program);
        if (!file) throw new Error("a node of a file that is not planned");
        return file;
    }

    /** Grows with everything that is kept. */
    get size(): number {
        let size = 0;
        for (const { kept, imports, exports } of this.files.values()) size += kept.size + imports.size + exports.size;
        return size;
    }

    locate(at: NodePath<t.Node>): Location {
        return locationOf(this.fileOf(at), at.node);
    }

    readonly report: Report = (at, what, remedy) => {
        const location = this.locate(at);
        const key = `${formatLocation(location)} ${what}`;
        if (!this.#problems.has(key)) this.#problems.set(key, { location, what, remedy });
    };

    reportDeployOnly(at: NodePath<t.Node>, name: string, from: string): void {
        this.report(at, `it uses "${name}" of ${from}, which exists only while deploying`, writeInstead);
    }

    /** Throws an `InlineError` with all problems. */
    finish(): void {
        if (this.#problems.size > 0) throw InlineError.of(this.stage, [...this.#problems.values()]);
    }
}
