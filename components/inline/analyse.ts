import type { Binding, NodePath } from "@babel/traverse";
import type * as t from "@babel/types";
import type { ArtefactPlan, EntryCallback, FilePlan, PlannedCallback } from "./artefact-plan";
import { type CapturedValue, CapturedValues, describeValue, holdsData, kindOf } from "./captured-value";
import { checkCode } from "./check-code";
import { exportAssignment, isExporting } from "./commonjs-exports";
import { constantOf, isEmptyTable, isMereFunction, methodTaken, stands, startOf } from "./declarations";
import { DeploymentCode, importTarget } from "./deployment-code";
import { ImportFollower } from "./follow-imports";
import { UseFollower } from "./follow-uses";
import { type FreeVariable, freeVariables, isTypeOnly } from "./free-variables";
import { formatLocation, InlineError } from "./inline-error";
import { enclosingValue, LiveModules, type LiveValue } from "./live-values";
import { type LocatedCallback, locate } from "./locate";
import { changesArray, effectOn, moduleLevelName } from "./module-statements";
import { Planning, writeInstead } from "./planning";
import { machineFolder, passingWarnings } from "./run-to-run";
import { exportNames, type SourceFile } from "./source-file";
import { readsSurroundings } from "./surroundings";
import { stateProblem } from "./variable-state";

/** A place of which people should know, although nothing is wrong. */
export type Warn = (at: NodePath<t.Node>, file: SourceFile, what: string) => void;

/** Decides what the callbacks of an artefact take along: code by source, data by value, outputs by environment. */
class Analysis {
    readonly #planning: Planning;
    readonly #live: LiveModules;
    readonly #imports: ImportFollower;
    readonly #follower: UseFollower;
    readonly #deployment = new DeploymentCode();
    /** What deploys although settings and other data of the deployment are taken along. */
    readonly #deploymentBesideData = new DeploymentCode((file, binding) => this.#isData(file, binding));
    readonly #values = new CapturedValues();
    /** The callback of each file that has one, the first where it has more. */
    readonly #programs = new Map<string, NodePath<t.Function>>();
    /** Module-level variables decided so far: those that travel as values have an entry. */
    readonly #decided = new Map<Binding, CapturedValue | "code">();
    /** State that handlers change, by its first use: whether all writes are kept is known at the end only. */
    readonly #state = new Map<Binding, NodePath<t.Node>>();
    /** Variables whose values were taken, and where they are made. */
    readonly #taken: { file: SourceFile; path: NodePath<t.Node>; name: string; captured: CapturedValue }[] = [];
    readonly #warn: Warn;
    readonly #stage: string;
    /** Callbacks and the functions that they capture: one entry a function. */
    readonly #functions = new Map<LocatedCallback["subject"], EntryCallback>();
    readonly #entries: EntryCallback[] = [];

    constructor(stage: string, callbacks: readonly LocatedCallback[], external: readonly string[], warn: Warn) {
        this.#planning = new Planning(stage, external);
        this.#live = new LiveModules(callbacks);
        this.#warn = warn;
        this.#stage = stage;
        this.#follower = new UseFollower(
            this.#values,
            this.#planning.report,
            this.#planning.locate,
            (at, value, name) => {
                const file = this.#planning.fileOf(at);
                const folder = machineFolder(value, file.path);
                if (folder === undefined) return;
                const what = `holds the path of a folder of this machine, ${folder}: the function is deployed again from every other one`;
                warn(at, file, `"${name}" ${what}. Capture a path within the project, or the file's content`);
            },
        );
        this.#imports = new ImportFollower(this.#planning, this.#live, {
            plan: (file) => this.#plan(file),
            need: (file, binding, uses) => this.#needLocal(file, binding, uses),
            keep: (file, path) => this.#keep(file, path),
            take: (file, local, value, uses) => {
                const { values } = this.#plan(file);
                const captured = values.get(local) ?? this.#values.enter(value, [local]);
                values.set(local, captured);
                for (const use of uses) this.#follower.follow(captured, use);
            },
        });
        for (const { file, path } of callbacks) if (!this.#programs.has(file.path)) this.#programs.set(file.path, path);
    }

    /** Plans a callback and everything that it needs. */
    addCallback(callback: LocatedCallback): EntryCallback {
        const { file, path } = callback;
        const plan = this.#plan(file);
        const values = new Map<string, CapturedValue>();
        const functions = new Map<string, EntryCallback>();
        const local = moduleLevelName(path);
        let planned = plan.callbacks.find((each) => each.path === path);
        if (!planned) {
            const exportName = unusedName(file, `sortlineCallback${this.#functions.size}`);
            planned = { path, exportName, parameters: [], ...(local === undefined ? {} : { local }) };
            plan.callbacks.push(planned);
        }
        const entry: EntryCallback = { planned, file: file.path, values, functions };
        this.#functions.set(callback.subject, entry);
        const binding = local === undefined ? undefined : file.program.scope.getOwnBinding(local);
        if (binding) this.#keepBinding(file, binding);
        else {
            this.#checkCode(file, path);
            for (const variable of freeVariables(path)) {
                if (variable.binding.scope.path.isProgram()) this.#need(file, variable);
                else this.#captureEnclosing(callback, planned, variable, values, functions);
            }
        }
        this.#entries.push(entry);
        return entry;
    }

    /** All callbacks, those that are captured among them. */
    get entries(): readonly EntryCallback[] {
        return this.#entries;
    }

    /** Adds the statements that belong to kept code, and settles what could not be decided on the way. */
    finish(): ReadonlyMap<string, FilePlan> {
        let before = -1;
        while (before !== this.#planning.size) {
            before = this.#planning.size;
            for (const plan of [...this.#planning.files.values()]) this.#keepStatements(plan);
        }
        for (const [binding, use] of this.#state) {
            const plan = this.#plan(this.#planning.fileOf(binding.path));
            const kept = [...plan.kept, ...plan.callbacks.map((each) => each.path)];
            const problem = stateProblem(plan.file, binding, kept);
            if (problem) this.#planning.report(use, problem.what, problem.remedy);
        }
        this.#planning.finish();
        for (const { file, path, name, captured } of this.#taken) {
            if (!path.isVariableDeclarator() || !holdsData(captured)) continue;
            for (const each of passingWarnings(name, file, path)) this.#warn(path, file, each);
        }
        return this.#planning.files;
    }

    #plan(file: SourceFile): FilePlan {
        return this.#planning.plan(file, (plan) => this.#imports.followEffects(plan, this.#programs.has(file.path)));
    }

    // Variables of enclosing functions and blocks

    #captureEnclosing(
        callback: LocatedCallback,
        planned: PlannedCallback,
        { name, binding, uses }: FreeVariable,
        values: Map<string, CapturedValue>,
        functions: Map<string, EntryCallback>,
    ): void {
        const [first] = uses;
        if (!first) return;
        const state = stateProblem(callback.file, binding, [callback.path], callback.path);
        const live = enclosingValue(callback, name) ?? constantOf(binding);
        if (state) this.#planning.report(first, state.what, state.remedy);
        else if (!live) {
            this.#planning.report(
                first,
                `the value of "${name}" cannot be found`,
                "Put it into a constant before the stage",
            );
        } else if (typeof live.value === "function") {
            const entry = this.#captureFunction(live.value as LocatedCallback["subject"], name, first);
            if (!entry) return;
            functions.set(name, entry);
            if (!planned.parameters.includes(name)) planned.parameters.push(name);
        } else {
            const captured = this.#values.enter(live.value, [name]);
            this.#taken.push({ file: callback.file, path: binding.path, name, captured });
            for (const use of uses) this.#follower.follow(captured, use);
            values.set(name, captured);
            if (!planned.parameters.includes(name)) planned.parameters.push(name);
        }
    }

    /** A function of an enclosing function is code with values of its own, as the callback is. */
    #captureFunction(
        subject: LocatedCallback["subject"],
        name: string,
        use: NodePath<t.Node>,
    ): EntryCallback | undefined {
        const known = this.#functions.get(subject);
        if (known) return known;
        const what = `"${name}" belongs to an enclosing function and is ${describeValue(subject)}`;
        if (describeValue(subject) === "a class") {
            this.#planning.report(
                use,
                what,
                "Move it to module level: an enclosing function's classes are not taken along",
            );
            return undefined;
        }
        let located: LocatedCallback;
        try {
            located = locate(this.#stage, subject);
        } catch (error) {
            const [problem] = error instanceof InlineError ? error.problems : [];
            if (!problem) throw error;
            this.#planning.report(use, `${what}: ${problem.what}`, problem.remedy);
            return undefined;
        }
        this.#live.learn(located);
        return this.addCallback(located);
    }

    // Module-level variables

    #need(file: SourceFile, { name, binding, uses }: FreeVariable): void {
        const imported = file.imports.get(name);
        if (imported) this.#imports.follow(file, name, imported, uses);
        else this.#needLocal(file, binding, uses);
    }

    #needLocal(file: SourceFile, binding: Binding, uses: readonly NodePath<t.Node>[]): void {
        const decided = this.#decided.get(binding);
        const [first] = uses;
        if (decided === "code" || !first) return;
        const captured = decided ?? this.#captureLocal(file, binding, first);
        if (captured === "code") this.#keepBinding(file, binding);
        else if (captured) {
            this.#decided.set(binding, captured);
            this.#plan(file).values.set(binding.identifier.name, captured);
            for (const use of uses) this.#follower.follow(captured, use);
        }
    }

    /** The value that stands for a module-level variable, or that its code is kept; undefined after a problem. */
    #captureLocal(file: SourceFile, binding: Binding, use: NodePath<t.Node>): CapturedValue | "code" | undefined {
        const { path } = binding;
        if (path.isClassDeclaration()) return this.#captureClass(file, binding);
        if (!path.isVariableDeclarator()) return "code";
        const kind = path.node.init?.type;
        if (kind === "ArrowFunctionExpression" || kind === "FunctionExpression") return "code";
        const callback = this.#programs.get(file.path);
        if (binding.constantViolations.length > 0 && (!callback || stateProblem(file, binding, [], callback))) {
            this.#state.set(binding, use);
            return "code";
        }
        const deployment = this.#deployment.atLoad(file, path);
        if (!callback && !deployment && !readsSurroundings(file, path)) return "code";

        const name = binding.identifier.name;
        const { live, isReached } = this.#readLive(file, binding);
        const captured = live && isReached ? this.#values.enter(live.value, [name]) : undefined;
        if (captured && captured.kind !== "other") {
            // An empty table is filled by handlers, or by statements further down.
            if (!deployment && isEmptyTable(captured.value)) return "code";
            this.#taken.push({ file, path, name, captured });
            return captured;
        }
        if (!deployment || !this.#deploymentBesideData.atLoad(file, path)) return "code";
        if (captured && typeof captured.value !== "function") return captured;
        const method = captured && typeof captured.value === "function" ? methodTaken(file, path, name) : undefined;
        if (method !== undefined) {
            this.#planning.report(
                use,
                `"${name}" is a method, and is passed on without being called`,
                `Pass a function that calls it: const ${name} = (value) => ${method}(value)`,
            );
            this.#decided.set(binding, "code");
            return undefined;
        }
        const made = `"${name}" is made with "${deployment.name}" of ${deployment.package} (${formatLocation(deployment.location)}), which exists only while deploying`;
        if (captured) this.#planning.report(use, made, writeInstead);
        else if (!isReached) this.#planning.report(use, `${made}, and has no value yet`, "Declare it above the stage");
        else this.#planning.report(use, `${made}, and its value cannot be found`, `Export it from ${file.path}`);
        this.#decided.set(binding, "code");
        return undefined;
    }

    /** A class whose static members deploy cannot be made again: handlers may use what it holds. */
    #captureClass(file: SourceFile, { identifier: { name }, path }: Binding): CapturedValue | "code" {
        const isDeploying = this.#deploymentBesideData.atLoad(file, path) !== undefined;
        const live = isDeploying ? this.#live.read(file.path, name, exportNames(file, name)) : undefined;
        return live ? this.#values.enter(live.value, [name]) : "code";
    }

    #readLive(file: SourceFile, { path, identifier }: Binding): { live: LiveValue; isReached: boolean } {
        const live = this.#live.read(file.path, identifier.name, exportNames(file, identifier.name));
        const callback = this.#programs.get(file.path);
        // A variable that the program has not reached yet looks like one that holds undefined.
        const isReached = live?.value !== undefined || !callback || startOf(path) < startOf(callback);
        return { live, isReached };
    }

    #isData(file: SourceFile, binding: Binding): boolean {
        if (!binding.path.isVariableDeclarator() || binding.constantViolations.length > 0) return false;
        const { live, isReached } = this.#readLive(file, binding);
        return live !== undefined && isReached && kindOf(live.value) === "data";
    }

    #keepBinding(file: SourceFile, binding: Binding): void {
        if (this.#decided.has(binding)) return;
        this.#decided.set(binding, "code");
        const { path } = binding;
        if (path.isVariableDeclarator()) {
            this.#keep(file, path);
            return;
        }
        // Parts of a merged enum or namespace, and a namespace that extends a function or class.
        const name = binding.identifier.name;
        for (const statement of file.program.get("body")) {
            const declaration = statement.isExportDeclaration()
                ? (statement.get("declaration") as NodePath<t.Node>)
                : statement;
            if (Array.isArray(declaration) || !declaration.node || isTypeOnly(declaration.node)) continue;
            const { node } = declaration;
            if (!("id" in node) || node.id?.type !== "Identifier" || node.id.name !== name) continue;
            this.#keep(file, statement.isExportDefaultDeclaration() ? statement : declaration);
        }
    }

    #keep(file: SourceFile, path: NodePath<t.Node>): void {
        const plan = this.#plan(file);
        if (plan.kept.has(path)) return;
        plan.kept.add(path);
        this.#checkCode(file, path);
        for (const variable of freeVariables(path)) {
            if (variable.binding.scope.path.isProgram()) this.#need(file, variable);
        }
    }

    #checkCode(file: SourceFile, path: NodePath<t.Node>): void {
        const onExport = (member: NodePath<t.MemberExpression>, name: string) => this.#needExport(file, name, member);
        const onLoad = (call: NodePath<t.Node>, specifier: string) => {
            const target = importTarget(file.path, { specifier, name: "*" });
            if (target.kind === "deploy-only") this.#planning.reportDeployOnly(call, specifier, target.package);
            else if (target.kind === "file") this.#imports.followLoad(file, specifier, target.file, call);
            else this.#imports.reportNative(call, specifier, file.path);
        };
        checkCode(path, this.#planning.report, onLoad, onExport);
    }

    /** `exports.name` in what a compiler made of a module: a variable of module level by another name. */
    #needExport(file: SourceFile, name: string, member: NodePath<t.MemberExpression>): void {
        if (file.isModule) return;
        const live = this.#live.readExport(file.path, [name]);
        const { values } = this.#plan(file);
        const all = values.get("exports") ?? this.#values.enterExports(file.path);
        values.set("exports", all);
        const assignment = exportAssignment(file, name);
        const kind = kindOf(live?.value);
        const deployment = assignment && this.#deployment.atLoad(file, assignment);
        if (kind === "other" && assignment && !deployment) this.#keep(file, assignment);
        else if (live) this.#follower.followExport(all, name, live.value, member);
        else {
            const what = `the value of "exports.${name}" cannot be found`;
            this.#planning.report(member, what, "Put it into a constant before the stage");
        }
    }

    // Statements at module level

    #keepStatements(plan: FilePlan): void {
        const isProgram = this.#programs.has(plan.file.path);
        for (const statement of plan.file.program.get("body")) {
            if (
                plan.kept.has(statement) ||
                isExporting(statement) ||
                statement.isDeclaration() ||
                isTypeOnly(statement.node)
            )
                continue;
            const effects = freeVariables(statement)
                .filter((each) => this.#decided.get(each.binding) === "code" && !plan.file.imports.has(each.name))
                .flatMap(({ name, binding, uses }) =>
                    uses.map((use) => ({ name, effect: effectOn(use, statement), binding })),
                )
                // A function that is passed on stays what it is.
                .filter(({ effect, binding }) => effect === "changes" || (effect && !isMereFunction(binding)));
            if (isProgram && effects.length === 0) continue;
            const deployment = this.#deployment.atLoad(plan.file, statement);
            const changed = effects.find(({ effect }) => effect === "changes");
            if (!deployment || (changed && !stands(deployment, plan.file, statement))) {
                this.#keep(plan.file, statement);
                if (isProgram) this.#keepChangedData(plan, statement, new Set());
            } else if (changed) {
                this.#planning.report(
                    statement,
                    `"${changed.name}", which a handler uses, is changed here with "${deployment.name}" of ${deployment.package}, which exists only while deploying`,
                    writeInstead,
                );
            }
        }
    }

    /** Data that kept code changes at load is taken as code: as a value it holds those changes, and would be changed twice. */
    #keepChangedData(plan: FilePlan, code: NodePath<t.Node>, visited: Set<Binding>): void {
        for (const { binding, uses } of freeVariables(code)) {
            const decided = this.#decided.get(binding);
            if (decided === undefined || visited.has(binding)) continue;
            visited.add(binding);
            const called = functionOf(binding);
            if (decided === "code" && called) this.#keepChangedData(plan, called, visited);
            if (decided === "code" || decided.kind !== "data") continue;
            const isChanged = (use: NodePath<t.Node>) =>
                changesArray(use) || effectOn(use, use.getFunctionParent() ?? code) === "changes";
            if (uses.some(isChanged)) this.#takeAsCode(plan, binding, code);
        }
    }

    #takeAsCode({ file, values }: FilePlan, binding: Binding, change: NodePath<t.Node>): void {
        const { name } = binding.identifier;
        if (this.#deploymentBesideData.atLoad(file, binding.path) || readsSurroundings(file, binding.path)) {
            this.#planning.report(
                change,
                `"${name}" holds data of the deployment, and is changed here together with what a handler needs`,
                "Change it in a statement of its own",
            );
            return;
        }
        values.delete(name);
        this.#decided.delete(binding);
        this.#keepBinding(file, binding);
    }
}

/** The function that a declaration or a constant is. */
function functionOf({ path }: Binding): NodePath<t.Node> | undefined {
    const value = path.isVariableDeclarator() ? (path.get("init") as NodePath<t.Node>) : path;
    return value.isFunction() ? value : undefined;
}

/** The name, or one like it that the file neither declares nor exports. */
function unusedName(file: SourceFile, name: string): string {
    const isUsed = file.program.scope.hasOwnBinding(name) || file.exports.has(name);
    return isUsed ? unusedName(file, `${name}_`) : name;
}

/**
 * Plans the artefact of a stage's callbacks. Throws an `InlineError` with all that cannot be taken along.
 *
 * @param main The stage's callback, if it has one.
 * @param others Further callbacks, by name.
 * @param external Packages that are there at run time without being part of the artefact.
 */
export function analyse(
    stage: string,
    main: LocatedCallback | undefined,
    others: ReadonlyMap<string, LocatedCallback>,
    external: readonly string[],
    warn: Warn,
): ArtefactPlan {
    const callbacks = [...(main === undefined ? [] : [main]), ...others.values()];
    const analysis = new Analysis(stage, callbacks, external, warn);
    const mainEntry = main && analysis.addCallback(main);
    const otherEntries = new Map<string, EntryCallback>();
    for (const [name, callback] of others) otherEntries.set(name, analysis.addCallback(callback));
    return { files: analysis.finish(), main: mainEntry, others: otherEntries, entries: analysis.entries };
}
