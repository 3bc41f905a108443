import type { Binding, NodePath } from "@babel/traverse";
import type * as t from "@babel/types";
import type { EntryCallback, PlannedCallback } from "./artefact-plan";
import { type CapturedValue, describeValue } from "./captured-value";
import type { Findings } from "./findings";
import { type FreeVariable, freeVariables } from "./free-variables";
import { InlineError } from "./inline-error";
import type { CodeKeeper } from "./keep-code";
import { enclosingValue, type LiveValue } from "./live-values";
import { type LocatedCallback, locate } from "./locate";
import type { SourceFile } from "./source-file";
import { stateProblem } from "./state-problem";

type Subject = LocatedCallback["subject"];

/** A callback that is being planned, and what it captures of enclosing functions. */
interface Capturing {
    readonly callback: LocatedCallback;
    readonly planned: PlannedCallback;
    readonly values: Map<string, CapturedValue>;
    readonly functions: Map<string, EntryCallback>;
}

/** Plans callbacks with everything that they need; the variables of enclosing functions and blocks are captured here. */
export class CallbackPlanner {
    readonly #findings: Findings;
    readonly #code: CodeKeeper;
    /** Callbacks and the functions that they capture: one entry a function. */
    readonly #functions = new Map<Subject, EntryCallback>();
    readonly #entries: EntryCallback[] = [];

    constructor(findings: Findings, code: CodeKeeper) {
        this.#findings = findings;
        this.#code = code;
    }

    /** All callbacks, those that are captured among them. */
    get entries(): readonly EntryCallback[] {
        return this.#entries;
    }

    /** Plans a callback and everything that it needs. */
    add(callback: LocatedCallback): EntryCallback {
        const { file, path } = callback;
        const local = moduleLevelName(path);
        const planned = this.#planned(callback, local);
        const capturing: Capturing = { callback, planned, values: new Map(), functions: new Map() };
        const entry: EntryCallback = {
            planned,
            file: file.path,
            values: capturing.values,
            functions: capturing.functions,
        };
        this.#functions.set(callback.subject, entry);
        const binding = local === undefined ? undefined : file.program.scope.getOwnBinding(local);
        if (binding) this.#code.keepVariable(file, binding);
        else {
            this.#code.check(file, path);
            for (const variable of freeVariables(path)) {
                if (variable.binding.scope.path.isProgram()) this.#code.needVariable(file, variable);
                else this.#capture(capturing, variable);
            }
        }
        this.#entries.push(entry);
        return entry;
    }

    /** The plan of a callback as it is written: one for all functions that were made from it. */
    #planned({ file, path }: LocatedCallback, local: string | undefined): PlannedCallback {
        const { callbacks } = this.#code.plan(file);
        const known = callbacks.find((each) => each.path === path);
        if (known) return known;
        const exportName = unusedName(file, `sortlineCallback${this.#functions.size}`);
        const planned: PlannedCallback = {
            path,
            exportName,
            parameters: [],
            ...(local === undefined ? {} : { local }),
        };
        callbacks.push(planned);
        return planned;
    }

    /** Captures a variable of an enclosing function or block. */
    #capture({ callback, planned, values, functions }: Capturing, { name, binding, uses }: FreeVariable): void {
        const [first] = uses;
        if (!first) return;
        const { planning, follower, warnings } = this.#findings;
        const state = stateProblem(callback.file, binding, [callback.path], callback.path);
        const live = enclosingValue(callback, name) ?? constantOf(binding);
        if (state) planning.report(first, state.what, state.remedy);
        else if (!live) {
            const what = `the value of "${name}" cannot be found`;
            planning.report(first, what, "Put it into a constant before the stage");
        } else if (typeof live.value === "function") {
            const entry = this.#captureFunction(live.value as Subject, name, first);
            if (!entry) return;
            functions.set(name, entry);
            if (!planned.parameters.includes(name)) planned.parameters.push(name);
        } else {
            const captured = this.#findings.values.enter(live.value, [name]);
            warnings.taken({ file: callback.file, path: binding.path, name, captured });
            for (const use of uses) follower.follow(captured, use);
            values.set(name, captured);
            if (!planned.parameters.includes(name)) planned.parameters.push(name);
        }
    }

    /** A function of an enclosing function is code with values of its own, as the callback is. */
    #captureFunction(subject: Subject, name: string, use: NodePath<t.Node>): EntryCallback | undefined {
        const known = this.#functions.get(subject);
        if (known) return known;
        const { planning, live } = this.#findings;
        const what = `"${name}" belongs to an enclosing function and is ${describeValue(subject)}`;
        if (describeValue(subject) === "a class") {
            const remedy = "Move it to module level: an enclosing function's classes are not taken along";
            planning.report(use, what, remedy);
            return undefined;
        }
        let located: LocatedCallback;
        try {
            located = locate(planning.stage, subject);
        } catch (error) {
            const [problem] = error instanceof InlineError ? error.problems : [];
            if (!problem) throw error;
            planning.report(use, `${what}: ${problem.what}`, problem.remedy);
            return undefined;
        }
        live.learn(located);
        return this.add(located);
    }
}

/** The name of a function that is a declaration or a constant of its module. */
function moduleLevelName(path: NodePath<t.Function>): string | undefined {
    const { node } = path;
    const parent = path.parentPath;
    if (node.type === "FunctionDeclaration") {
        return parent?.isProgram() || parent?.isExportDeclaration() ? node.id?.name : undefined;
    }
    if (!parent?.isVariableDeclarator() || parent.node.id.type !== "Identifier") return undefined;
    const declaration = parent.parentPath;
    const statement = declaration?.parentPath?.isExportNamedDeclaration() ? declaration.parentPath : declaration;
    return statement?.parentPath?.isProgram() ? parent.node.id.name : undefined;
}

/** The name, or one like it that the file neither declares nor exports. */
function unusedName(file: SourceFile, name: string): string {
    const isUsed = file.program.scope.hasOwnBinding(name) || file.exports.has(name);
    return isUsed ? unusedName(file, `${name}_`) : name;
}

/** The value of a constant that the compiler put in the place of its name. */
function constantOf(binding: Binding): LiveValue {
    if (!binding.path.isVariableDeclarator() || binding.constantViolations.length > 0) return undefined;
    const init = binding.path.get("init") as NodePath<t.Node>;
    const result = init.node ? init.evaluate() : undefined;
    return result?.confident ? { value: result.value as unknown } : undefined;
}
