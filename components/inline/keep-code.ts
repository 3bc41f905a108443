import type { Binding, NodePath } from "@babel/traverse";
import type * as t from "@babel/types";
import type { FilePlan } from "./artefact-plan";
import { kindOf } from "./captured-value";
import { checkCode } from "./check-code";
import { exportAssignment } from "./commonjs-exports";
import { decideVariable } from "./decide-variable";
import type { Findings } from "./findings";
import { type Declarations, ImportFollower } from "./follow-imports";
import { type FreeVariable, freeVariables, isTypeOnly } from "./free-variables";
import { importTarget } from "./import-target";
import type { SourceFile } from "./source-file";

type Uses = readonly NodePath<t.Node>[];

/** Keeps code as it is written, with all that it needs: other code, imports, and values in the place of variables. */
export class CodeKeeper implements Declarations {
    readonly #findings: Findings;
    readonly #imports: ImportFollower;

    constructor(findings: Findings) {
        this.#findings = findings;
        this.#imports = new ImportFollower(findings.planning, findings.live, this);
    }

    /** The plan of a file; a new one follows what the file imports for its effects. */
    plan(file: SourceFile): FilePlan {
        const { planning } = this.#findings;
        const isProgram = planning.callbackIn(file) !== undefined;
        return planning.plan(file, (plan) => this.#imports.followEffects(plan, isProgram));
    }

    /** Keeps a declaration, a declarator or a statement. */
    keep(file: SourceFile, path: NodePath<t.Node>): void {
        const plan = this.plan(file);
        if (plan.kept.has(path)) return;
        plan.kept.add(path);
        this.check(file, path);
        for (const variable of freeVariables(path)) {
            if (variable.binding.scope.path.isProgram()) this.needVariable(file, variable);
        }
    }

    /** Keeps the code that declares a module-level variable. */
    keepVariable(file: SourceFile, binding: Binding): void {
        const { decided } = this.#findings;
        if (decided.has(binding)) return;
        decided.set(binding, "code");
        const { path } = binding;
        if (path.isVariableDeclarator()) this.keep(file, path);
        else this.#keepDeclarations(file, binding.identifier.name);
    }

    /** Takes along what a name of module level stands for in kept code. */
    needVariable(file: SourceFile, { name, binding, uses }: FreeVariable): void {
        const imported = file.imports.get(name);
        if (imported) this.#imports.follow(file, name, imported, uses);
        else this.need(file, binding, uses);
    }

    /** Takes a module-level variable along, as its value or as its code. */
    need(file: SourceFile, binding: Binding, uses: Uses): void {
        const { decided, follower } = this.#findings;
        const known = decided.get(binding);
        const [first] = uses;
        if (known === "code" || !first) return;
        const captured = known ?? decideVariable(this.#findings, file, binding, first);
        if (captured === "code") this.keepVariable(file, binding);
        else if (captured) {
            decided.set(binding, captured);
            this.plan(file).values.set(binding.identifier.name, captured);
            for (const use of uses) follower.follow(captured, use);
        }
    }

    /** Takes the value of an imported name along. */
    take(file: SourceFile, local: string, value: unknown, uses: Uses): void {
        const { values } = this.plan(file);
        const captured = values.get(local) ?? this.#findings.values.enter(value, [local]);
        values.set(local, captured);
        for (const use of uses) this.#findings.follower.follow(captured, use);
    }

    /** Looks through kept code for what means something else in an artefact, and for what it loads by itself. */
    check(file: SourceFile, path: NodePath<t.Node>): void {
        const { planning } = this.#findings;
        const onExport = (member: NodePath<t.MemberExpression>, name: string) => this.#needExport(file, name, member);
        const onLoad = (call: NodePath<t.Node>, specifier: string) => {
            const target = importTarget(file.path, { specifier, name: "*" });
            if (target.kind === "deploy-only") planning.reportDeployOnly(call, specifier, target.package);
            else if (target.kind === "file") this.#imports.followLoad(file, specifier, target.file, call);
            else this.#imports.reportNative(call, specifier, file.path);
        };
        checkCode(path, planning.report, onLoad, onExport);
    }

    /** All declarations of a name: parts of a merged enum or namespace, and a namespace that extends a function or class. */
    #keepDeclarations(file: SourceFile, name: string): void {
        for (const statement of file.program.get("body")) {
            const declaration = statement.isExportDeclaration()
                ? (statement.get("declaration") as NodePath<t.Node>)
                : statement;
            if (Array.isArray(declaration) || !declaration.node || isTypeOnly(declaration.node)) continue;
            const { node } = declaration;
            if (!("id" in node) || node.id?.type !== "Identifier" || node.id.name !== name) continue;
            this.keep(file, statement.isExportDefaultDeclaration() ? statement : declaration);
        }
    }

    /** `exports.name` in what a compiler made of a module: a variable of module level by another name. */
    #needExport(file: SourceFile, name: string, member: NodePath<t.MemberExpression>): void {
        if (file.isModule) return;
        const { planning, live, deployment, values: captured, follower } = this.#findings;
        const found = live.readExport(file.path, [name]);
        const { values } = this.plan(file);
        const all = values.get("exports") ?? captured.enterExports(file.path);
        values.set("exports", all);
        const assignment = exportAssignment(file, name);
        const kind = kindOf(found?.value);
        const deploys = assignment && deployment.atLoad(file, assignment);
        if (kind === "other" && assignment && !deploys) this.keep(file, assignment);
        else if (found) follower.followExport(all, name, found.value, member);
        else {
            const what = `the value of "exports.${name}" cannot be found`;
            planning.report(member, what, "Put it into a constant before the stage");
        }
    }
}
