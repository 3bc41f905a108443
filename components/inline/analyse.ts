import type { Binding, NodePath } from "@babel/traverse";
import type * as t from "@babel/types";
import type { ArtefactPlan, EntryCallback, FilePlan, PlannedCallback } from "./artefact-plan";
import { type CapturedValue, CapturedValues, describeValue } from "./captured-value";
import { checkCode } from "./check-code";
import { DeploymentCode, exportsOf, findExport, importTarget, moduleStatement } from "./deployment-code";
import { UseFollower } from "./follow-uses";
import { type FreeVariable, freeVariables, isTypeOnly } from "./free-variables";
import { formatLocation, InlineError, type Problem } from "./inline-error";
import { enclosingValue, LiveModules, type LiveValue } from "./live-values";
import type { LocatedCallback } from "./locate";
import { runTimeExports } from "./run-time-exports";
import { type ImportedName, locationOf, readSourceFile, type SourceFile } from "./source-file";
import { stateProblem } from "./variable-state";

const writeInstead = "Compute it outside of the handler into plain data, or read an output with .get()";

/** Decides what the callbacks of an artefact take along: code by source, data by value, outputs by environment. */
class Analysis {
    readonly #stage: string;
    readonly #live: LiveModules;
    readonly #deployment = new DeploymentCode();
    readonly #values = new CapturedValues();
    readonly #problems = new Map<string, Problem>();
    readonly #files = new Map<string, FilePlan>();
    /** Module-level bindings decided so far: those that travel as values have an entry. */
    readonly #decided = new Map<Binding, CapturedValue | "code">();
    readonly #entryFiles: ReadonlySet<string>;
    readonly #fileOf = new WeakMap<t.Program, SourceFile>();
    readonly #follower = new UseFollower(this.#values, (at, what, remedy) => this.#report(at, what, remedy));
    /** State that handlers change: whether all writes are kept is known at the end only. */
    readonly #state = new Map<Binding, NodePath<t.Node>>();

    constructor(stage: string, callbacks: readonly LocatedCallback[]) {
        this.#stage = stage;
        this.#live = new LiveModules(callbacks);
        this.#entryFiles = new Set(callbacks.map((each) => each.file.path));
    }

    /** Plans a callback and everything that it needs. */
    addCallback(callback: LocatedCallback, exportName: string): EntryCallback {
        const { file, path } = callback;
        const plan = this.#plan(file);
        const values = new Map<string, CapturedValue>();
        const declared = this.#moduleLevelName(path);
        let planned = plan.callbacks.find((each) => each.path === path);
        if (!planned) {
            planned = { path, exportName, parameters: [], ...(declared === undefined ? {} : { local: declared }) };
            plan.callbacks.push(planned);
        }
        const binding = declared === undefined ? undefined : file.program.scope.getOwnBinding(declared);
        if (binding) this.#keepBinding(file, binding);
        else {
            checkCode(path, (at, what, remedy) => this.#report(at, what, remedy));
            for (const variable of freeVariables(path)) {
                if (variable.binding.scope.path.isProgram()) this.#need(file, variable);
                else this.#captureEnclosing(callback, planned, variable, values);
            }
        }
        return { planned, file: file.path, values };
    }

    /** Adds the statements that belong to kept code, and settles what could not be decided on the way. */
    finish(): ReadonlyMap<string, FilePlan> {
        let before = -1;
        while (before !== this.#size()) {
            before = this.#size();
            for (const plan of [...this.#files.values()]) this.#keepStatements(plan);
        }
        for (const [binding, use] of this.#state) {
            const file = this.#fileFor(use);
            const problem = stateProblem(file, binding, this.#keptPaths(this.#plan(file)));
            if (problem) this.#report(use, problem.what, problem.remedy);
        }
        if (this.#problems.size > 0) throw new InlineError(this.#stage, [...this.#problems.values()]);
        return this.#files;
    }

    #report(at: NodePath<t.Node>, what: string, remedy: string): void {
        const location = locationOf(this.#fileFor(at), at.node);
        const key = `${formatLocation(location)} ${what}`;
        if (!this.#problems.has(key)) this.#problems.set(key, { location, what, remedy });
    }

    #fileFor(at: NodePath<t.Node>): SourceFile {
        const program = at.scope.getProgramParent().path.node as t.Program;
        const file = this.#fileOf.get(program);
        if (!file) throw new Error("a node of a file that was not planned");
        return file;
    }

    #size(): number {
        let size = 0;
        for (const { kept, imports, exports } of this.#files.values()) size += kept.size + imports.size + exports.size;
        return size;
    }

    #keptPaths(plan: FilePlan): NodePath<t.Node>[] {
        return [...plan.kept, ...plan.callbacks.map((each) => each.path)];
    }

    #plan(file: SourceFile): FilePlan {
        const known = this.#files.get(file.path);
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
        this.#files.set(file.path, plan);
        this.#fileOf.set(file.program.node, file);
        this.#followEffects(plan);
        return plan;
    }

    /** The name of a callback that is a function of its module: then it is kept like any other code. */
    #moduleLevelName(path: NodePath<t.Function>): string | undefined {
        const { node } = path;
        const parent = path.parentPath;
        if (node.type === "FunctionDeclaration") {
            const atTop = parent?.isProgram() || parent?.isExportDeclaration();
            return atTop && node.id ? node.id.name : undefined;
        }
        if (!parent?.isVariableDeclarator() || parent.node.id.type !== "Identifier") return undefined;
        return parent.scope.path.isProgram() && moduleStatement(parent) === statementOf(parent)
            ? parent.node.id.name
            : undefined;
    }

    // Modules that are imported for their effects

    #followEffects(plan: FilePlan): void {
        for (const specifier of plan.file.effects) {
            const target = importTarget(plan.file.path, { specifier, name: "*" });
            // A program's own file imports packages for the sake of the deployment.
            if (target.kind === "package" && !this.#entryFiles.has(plan.file.path)) plan.effects.add(target.specifier);
            if (target.kind !== "file") continue;
            this.#live.follow(plan.file.path, specifier, target.file, undefined);
            this.#plan(readSourceFile(target.file));
            plan.effects.add(target.file);
        }
    }

    // Variables of enclosing functions and blocks

    #captureEnclosing(
        callback: LocatedCallback,
        planned: PlannedCallback,
        variable: FreeVariable,
        values: Map<string, CapturedValue>,
    ): void {
        const { name, binding, uses } = variable;
        const [first] = uses;
        if (!first) return;
        const problem = stateProblem(callback.file, binding, [callback.path], callback.path);
        if (problem) {
            this.#report(first, problem.what, problem.remedy);
            return;
        }
        const live = enclosingValue(callback, name) ?? constantOf(binding);
        if (!live) {
            this.#report(first, `the value of "${name}" cannot be found`, "Declare it before the stage, as a constant");
            return;
        }
        if (typeof live.value === "function") {
            this.#report(
                first,
                `"${name}" belongs to an enclosing function and is ${describeValue(live.value)}`,
                "Move it to module level: only plain data, outputs and components are taken from an enclosing function",
            );
            return;
        }
        const captured = this.#values.enter(live.value, [name]);
        for (const use of uses) this.#follower.follow(captured, use);
        values.set(name, captured);
        if (!planned.parameters.includes(name)) planned.parameters.push(name);
    }

    // Module-level variables

    #need(file: SourceFile, variable: FreeVariable): void {
        const imported = file.imports.get(variable.name);
        if (imported) this.#needImport(file, variable, imported);
        else if (!variable.binding.path.isTSTypeAliasDeclaration())
            this.#needLocal(file, variable.binding, variable.uses);
    }

    #needLocal(file: SourceFile, binding: Binding, uses: readonly NodePath<t.Node>[]): void {
        const decided = this.#decided.get(binding);
        if (decided === "code") return;
        const captured = decided ?? this.#captureLocal(file, binding, uses);
        if (captured) {
            this.#decided.set(binding, captured);
            this.#plan(file).values.set(binding.identifier.name, captured);
            for (const use of uses) this.#follower.follow(captured, use);
        } else if (!this.#decided.has(binding)) this.#keepBinding(file, binding);
    }

    /** The value that stands for a module-level variable; undefined when its code is kept. */
    #captureLocal(file: SourceFile, binding: Binding, uses: readonly NodePath<t.Node>[]): CapturedValue | undefined {
        const { path } = binding;
        const name = binding.identifier.name;
        const [first] = uses;
        if (!path.isVariableDeclarator() || !first) return undefined;
        if (path.node.init?.type === "ArrowFunctionExpression" || path.node.init?.type === "FunctionExpression")
            return undefined;
        const isEntry = this.#entryFiles.has(file.path);
        if (binding.constantViolations.length > 0) {
            const written = isEntry ? stateProblem(file, binding, [], this.#callbackIn(file)) : { what: "" };
            if (written) {
                this.#state.set(binding, first);
                return undefined;
            }
        }
        const deployment = this.#deployment.atLoad(file, path);
        if (!isEntry && !deployment && !readsSurroundings(file, path)) return undefined;
        const exportedAs = [...file.exports].flatMap(([exported, from]) =>
            "local" in from && from.local === name ? [exported] : [],
        );
        const live = this.#live.read(file.path, name, exportedAs);
        const captured = live && live.value !== undefined ? this.#values.enter(live.value, [name]) : undefined;
        if (captured && captured.kind !== "other") return captured;
        if (!deployment) return undefined;
        if (captured && typeof captured.value !== "function") return captured;
        this.#report(
            first,
            `"${name}" is made with "${deployment.name}" of ${deployment.package} (${formatLocation(deployment.location)}), which exists only while deploying${
                captured ? "" : ", and has no value yet"
            }`,
            captured ? writeInstead : "Declare it above the stage",
        );
        this.#decided.set(binding, "code");
        return undefined;
    }

    #callbackIn(file: SourceFile): NodePath<t.Node> | undefined {
        return this.#files.get(file.path)?.callbacks[0]?.path;
    }

    #keepBinding(file: SourceFile, binding: Binding): void {
        if (this.#decided.has(binding)) return;
        this.#decided.set(binding, "code");
        const { path } = binding;
        if (path.isVariableDeclarator()) {
            if (path.parentPath && "declare" in path.parentPath.node && path.parentPath.node.declare) return;
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
        checkCode(path, (at, what, remedy) => this.#report(at, what, remedy));
        for (const variable of freeVariables(path)) {
            if (variable.binding.scope.path.isProgram()) this.#need(file, variable);
        }
        this.#checkRequires(file, path);
    }

    #checkRequires(file: SourceFile, path: NodePath<t.Node>): void {
        path.traverse({
            CallExpression: (call) => {
                const { callee, arguments: given } = call.node;
                const loads = (callee.type === "Identifier" && callee.name === "require") || callee.type === "Import";
                if (!loads || given[0]?.type !== "StringLiteral") return;
                const target = importTarget(file.path, { specifier: given[0].value, name: "*" });
                if (target.kind === "deploy-only") this.#reportDeployOnly(call, given[0].value, target.package);
            },
        });
    }

    #reportDeployOnly(at: NodePath<t.Node>, name: string, from: string): void {
        this.#report(at, `it uses "${name}" of ${from}, which exists only while deploying`, writeInstead);
    }

    // Imports

    #needImport(file: SourceFile, variable: FreeVariable, imported: ImportedName): void {
        const { name, uses } = variable;
        const [first] = uses;
        if (!first) return;
        const target = importTarget(file.path, imported);
        if (target.kind === "missing") {
            this.#report(first, `"${name}" comes from ${imported.specifier}, which is no file`, "Correct the import");
            return;
        }
        if (target.kind === "deploy-only") {
            this.#reportDeployOnly(first, name, target.package);
            return;
        }
        const plan = this.#plan(file);
        if (target.kind === "package") {
            // esbuild drops what is unused of a namespace only where it is imported as one: 83 kB in place of 444.
            const isNamespace = target.specifier === "zod" && (target.name === "z" || target.name === "default");
            plan.imports.set(name, { from: target.specifier, name: isNamespace ? "*" : target.name });
            if (target.specifier === "sortline") this.#checkPackageMembers(uses);
            return;
        }
        const seen = this.#live.read(file.path, name, []);
        this.#live.follow(file.path, target.specifier, target.file, seen);
        plan.imports.set(name, { from: target.file, name: target.name });
        if (target.name === "*") this.#needNamespace(readSourceFile(target.file), uses);
        else this.#needExport(readSourceFile(target.file), target.name, uses);
    }

    /** `import * as sortline`: only some of the names exist inside of a function. */
    #checkPackageMembers(uses: readonly NodePath<t.Node>[]): void {
        for (const use of uses) {
            const member = use.parentPath;
            const named =
                member?.isMemberExpression({ object: use.node as t.Expression, computed: false }) &&
                member.node.property.type === "Identifier"
                    ? member.node.property.name
                    : "*";
            if (!runTimeExports().has(named)) this.#reportDeployOnly(use, named, "sortline");
        }
    }

    #needNamespace(file: SourceFile, uses: readonly NodePath<t.Node>[]): void {
        this.#plan(file);
        for (const use of uses) {
            const member = use.parentPath;
            if (
                member?.isMemberExpression({ object: use.node as t.Expression, computed: false }) &&
                member.node.property.type === "Identifier"
            ) {
                this.#needExport(file, member.node.property.name, [member]);
            } else for (const name of exportsOf(file.path)) this.#needExport(file, name, [use]);
        }
    }

    /** `uses` stand in the importing files. */
    #needExport(file: SourceFile, name: string, uses: readonly NodePath<t.Node>[]): void {
        const plan = this.#plan(file);
        const exported = findExport(file, name);
        const [first] = uses;
        if (!first) return;
        if (!exported) {
            this.#report(first, `${file.path} exports no "${name}"`, "Correct the import");
            return;
        }
        if ("specifier" in exported) {
            const target = importTarget(file.path, exported);
            if (target.kind === "deploy-only") {
                this.#reportDeployOnly(first, name, target.package);
                return;
            }
            if (target.kind === "missing") {
                this.#report(
                    first,
                    `"${name}" comes from ${exported.specifier}, which is no file`,
                    "Correct the export",
                );
                return;
            }
            const from = target.kind === "file" ? target.file : target.specifier;
            plan.reexports.set(name, { from, name: target.name });
            if (target.kind === "file") {
                this.#live.follow(file.path, target.specifier, target.file, undefined);
                if (target.name === "*") this.#needNamespace(readSourceFile(target.file), uses);
                else this.#needExport(readSourceFile(target.file), target.name, uses);
            }
            return;
        }
        const binding = file.program.scope.getOwnBinding(exported.local);
        const imported = file.imports.get(exported.local);
        if (binding && imported) {
            plan.exports.set(name, exported.local);
            this.#needImport(file, { name: exported.local, binding, uses }, imported);
            return;
        }
        if (binding) {
            if (name !== "default" || !this.#isOwnDefault(file)) plan.exports.set(name, exported.local);
            this.#needLocal(file, binding, uses);
            return;
        }
        const statement = file.program.get("body").find((each) => each.isExportDefaultDeclaration());
        if (name === "default" && statement) this.#keep(file, statement);
    }

    /** True where `export default` stands at the declaration itself and is kept with it. */
    #isOwnDefault(file: SourceFile): boolean {
        return file.program
            .get("body")
            .some((each) => each.isExportDefaultDeclaration() && each.node.declaration.type !== "Identifier");
    }

    // Statements at module level

    #keepStatements(plan: FilePlan): void {
        const isEntry = this.#entryFiles.has(plan.file.path);
        for (const statement of plan.file.program.get("body")) {
            if (plan.kept.has(statement) || statement.isDeclaration() || isTypeOnly(statement.node)) continue;
            if (plan.callbacks.some((each) => each.path.isDescendant(statement))) continue;
            const changed = freeVariables(statement).find(
                (each) => this.#isKeptCode(plan.file, each) && each.uses.some((use) => changes(use, statement)),
            );
            if (isEntry && !changed) continue;
            const deployment = this.#deployment.atLoad(plan.file, statement);
            if (!deployment) this.#keep(plan.file, statement);
            else if (changed && isDirectChange(statement, changed.name)) {
                this.#report(
                    statement,
                    `"${changed.name}", which a handler uses, is changed here with "${deployment.name}" of ${deployment.package}, which exists only while deploying`,
                    writeInstead,
                );
            }
        }
    }

    #isKeptCode(file: SourceFile, { name, binding }: FreeVariable): boolean {
        return this.#decided.get(binding) === "code" && !file.imports.has(name);
    }
}

function statementOf(path: NodePath<t.Node>): NodePath<t.Node> | null {
    const declaration = path.parentPath;
    return declaration?.parentPath?.isExportNamedDeclaration() ? declaration.parentPath : (declaration ?? null);
}

/** The value of a constant that the compiler put in the place of its name. */
function constantOf(binding: Binding): LiveValue {
    if (!binding.path.isVariableDeclarator() || binding.constantViolations.length > 0) return undefined;
    const init = binding.path.get("init") as NodePath<t.Node>;
    const result = init.node ? init.evaluate() : undefined;
    return result?.confident ? { value: result.value as unknown } : undefined;
}

const surroundings = new Set(["__dirname", "__filename", "process"]);

/** True for code that looks at the machine it runs on: its value at deployment is what was meant. */
function readsSurroundings(file: SourceFile, path: NodePath<t.Node>): boolean {
    const files = freeVariables(path).some(({ name }) =>
        /^(node:)?fs(\/promises)?$/.test(file.imports.get(name)?.specifier ?? ""),
    );
    if (files) return true;
    let found = false;
    path.traverse({
        Identifier(at) {
            if (
                surroundings.has(at.node.name) &&
                at.isReferencedIdentifier() &&
                !at.scope.hasBinding(at.node.name, true)
            )
                found = true;
        },
        MetaProperty() {
            found = true;
        },
    });
    return found;
}

/** True for a use at module level that may change what the name holds: a call on it, an assignment to it or into it, passing it on. */
function changes(use: NodePath<t.Node>, statement: NodePath<t.Node>): boolean {
    const owner = use.getFunctionParent();
    if (owner?.isDescendant(statement)) return false;
    let at: NodePath<t.Node> = use;
    if (at.isAssignmentExpression() || at.isUpdateExpression() || at.isForXStatement()) return true;
    while (at.parentPath?.isMemberExpression() && at.parentPath.node.object === at.node) at = at.parentPath;
    const parent = at.parentPath;
    if (!parent) return false;
    if (parent.isAssignmentExpression()) return parent.node.left === at.node;
    if (parent.isCallExpression()) return at !== use || parent.node.callee !== at.node;
    return parent.isUpdateExpression() || parent.isUnaryExpression({ operator: "delete" });
}

function isDirectChange(statement: NodePath<t.Node>, name: string): boolean {
    if (!statement.isExpressionStatement()) return false;
    const { expression } = statement.node;
    let at: t.Node | undefined = expression.type === "AssignmentExpression" ? expression.left : expression;
    while (at && (at.type === "MemberExpression" || at.type === "CallExpression"))
        at = at.type === "MemberExpression" ? at.object : at.callee;
    return at?.type === "Identifier" && at.name === name;
}

/** Plans the artefact of a stage's callbacks. Throws an `InlineError` with all that cannot be taken along. */
export function analyse(
    stage: string,
    main: LocatedCallback,
    others: ReadonlyMap<string, LocatedCallback>,
): ArtefactPlan {
    const analysis = new Analysis(stage, [main, ...others.values()]);
    const mainEntry = analysis.addCallback(main, "callback0");
    const otherEntries = new Map<string, EntryCallback>();
    for (const [name, callback] of others) {
        otherEntries.set(name, analysis.addCallback(callback, `callback${otherEntries.size + 1}`));
    }
    return { files: analysis.finish(), main: mainEntry, others: otherEntries };
}
