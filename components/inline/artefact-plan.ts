import type { NodePath } from "@babel/traverse";
import type * as t from "@babel/types";
import type { CapturedValue } from "./captured-value";
import type { SourceFile } from "./source-file";

/** Where a kept import leads: a user's file by path, anything else by its specifier. */
export interface KeptImport {
    readonly from: string;
    readonly name: string;
}

/** A callback written in a file, to be exported from what is kept of that file. */
export interface PlannedCallback {
    readonly path: NodePath<t.Function>;
    readonly exportName: string;
    /** The local name when it is a declaration at module level. */
    readonly local?: string;
    /** Names of the enclosing functions' variables that it captures: the export takes their values and returns the callback. */
    readonly parameters: string[];
}

/** What an artefact takes from one of the user's files. */
export interface FilePlan {
    readonly file: SourceFile;
    /** Declarators, declarations and statements kept as they are written. */
    readonly kept: Set<NodePath<t.Node>>;
    /** By local name. */
    readonly imports: Map<string, KeptImport>;
    /** Modules imported for their effects. */
    readonly effects: Set<string>;
    /** Exported name -> local name. */
    readonly exports: Map<string, string>;
    /** Exported name -> where it comes from. */
    readonly reexports: Map<string, KeptImport>;
    /** Module-level names whose values travel as data, outputs or components. */
    readonly values: Map<string, CapturedValue>;
    readonly callbacks: PlannedCallback[];
}

/** One callback of an artefact, with the values of its enclosing functions' variables. */
export interface EntryCallback {
    readonly planned: PlannedCallback;
    readonly file: string;
    readonly values: ReadonlyMap<string, CapturedValue>;
    /** Variables of enclosing functions that hold functions: callbacks themselves, with values of their own. */
    readonly functions: ReadonlyMap<string, EntryCallback>;
}

/** All that an artefact takes along. */
export interface ArtefactPlan {
    readonly files: ReadonlyMap<string, FilePlan>;
    /** The stage's callback; undefined where a file stands in its place. */
    readonly main: EntryCallback | undefined;
    /** Further callbacks, by name. */
    readonly others: ReadonlyMap<string, EntryCallback>;
    /** All of these and the functions that they capture, each after those that it needs unless they need each other. */
    readonly entries: readonly EntryCallback[];
}
