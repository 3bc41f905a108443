import type { Binding, NodePath } from "@babel/traverse";
import type * as t from "@babel/types";
import type { FilePlan } from "./artefact-plan";
import { isPlainData } from "./data";
import { exportsOf, findExport, importTarget } from "./import-target";
import type { LiveModules } from "./live-values";
import { memberOf, namesOfLoaded } from "./names-of-module";
import { addonRemedy, nativeAddon } from "./native-addon";
import type { Planning } from "./planning";
import { runTimeExport } from "./run-time-exports";
import { exportNames, type ImportedName, readSourceFile, type SourceFile } from "./source-file";

type Uses = readonly NodePath<t.Node>[];

/** What is to be done with the declarations that imports lead to. */
export interface Declarations {
    plan(file: SourceFile): FilePlan;
    need(file: SourceFile, binding: Binding, uses: Uses): void;
    keep(file: SourceFile, path: NodePath<t.Node>): void;
    /** Takes the value of an imported name along. */
    take(file: SourceFile, local: string, value: unknown, uses: Uses): void;
}

/** The statement that passes on what another module exports. */
function exportStatement(file: SourceFile, { specifier }: ImportedName): NodePath<t.Node> | undefined {
    return file.program
        .get("body")
        .find((each) => each.isExportDeclaration() && "source" in each.node && each.node.source?.value === specifier);
}

/** True where `export default` stands at the declaration itself and is kept with it. */
function hasOwnDefault(file: SourceFile): boolean {
    return file.program
        .get("body")
        .some((each) => each.isExportDefaultDeclaration() && each.node.declaration.type !== "Identifier");
}

/** Follows imports through the user's files to what they mean, and plans on the way what each file gives to the next. */
export class ImportFollower {
    readonly #planning: Planning;
    readonly #live: LiveModules;
    readonly #declarations: Declarations;

    constructor(planning: Planning, live: LiveModules, declarations: Declarations) {
        this.#planning = planning;
        this.#live = live;
        this.#declarations = declarations;
    }

    /** Modules imported for their effects: the user's own always, packages where the file is not the program itself. */
    followEffects(plan: FilePlan, isProgram: boolean): void {
        for (const specifier of plan.file.effects) {
            const target = importTarget(plan.file.path, { specifier, name: "*" });
            if (target.kind === "package" && !isProgram) plan.effects.add(target.specifier);
            if (target.kind !== "file") continue;
            this.#live.follow(plan.file.path, specifier, target.file, "*", undefined);
            this.#declarations.plan(readSourceFile(target.file));
            plan.effects.add(target.file);
        }
    }

    /** An imported name that kept code of `file` uses. */
    follow(file: SourceFile, local: string, imported: ImportedName, uses: Uses): void {
        const [first] = uses;
        if (!first) return;
        const target = importTarget(file.path, imported);
        const plan = this.#declarations.plan(file);
        if (target.kind === "missing") this.#reportMissing(first, local, imported.specifier);
        else if (target.kind === "deploy-only") this.#followData(file, local, imported, uses, target.package);
        else if (target.kind === "package") {
            this.reportNative(
                file.program.scope.getOwnBinding(local)?.path.parentPath ?? first,
                target.specifier,
                file.path,
            );
            // esbuild drops what is unused of a namespace only where it is imported as one: 83 kB in place of 444.
            const isNamespace = target.specifier === "zod" && (target.name === "z" || target.name === "default");
            plan.imports.set(local, { from: target.specifier, name: isNamespace ? "*" : target.name });
            if (target.specifier === "sortline") this.#checkPackageMembers(uses);
        } else {
            const seen = this.#live.read(file.path, local, exportNames(file, local));
            this.#live.follow(file.path, target.specifier, target.file, target.name, seen);
            plan.imports.set(local, { from: target.file, name: target.name });
            this.#followInto(target.file, target.name, uses);
        }
    }

    /** What a package that exists only while deploying exports: data is data, wherever it comes from. */
    #followData(file: SourceFile, local: string, { specifier, name }: ImportedName, uses: Uses, from: string): void {
        const [first] = uses;
        const live = this.#live.readPackage(file.path, specifier, name) ?? this.#live.read(file.path, local, []);
        if (name !== "*" && name !== "=" && live?.value !== undefined && isPlainData(live.value))
            this.#declarations.take(file, local, live.value, uses);
        else if (first) this.#planning.reportDeployOnly(first, local, from);
    }

    /** A file that kept code loads by itself, with `require` or `import()`: what is not asked for by name may be anything that it exports. */
    followLoad(file: SourceFile, specifier: string, path: string, call: NodePath<t.Node>): void {
        this.#live.follow(file.path, specifier, path, "*", undefined);
        // What the file's own imports see of it tells its values.
        for (const [local, imported] of file.imports) {
            const target = importTarget(file.path, imported);
            if (target.kind !== "file" || target.file !== path) continue;
            this.#live.follow(file.path, imported.specifier, path, target.name, this.#live.read(file.path, local, []));
        }
        const loaded = readSourceFile(path);
        const names = namesOfLoaded(call);
        if (!names) this.#followNamespace(loaded, [call]);
        else for (const { name, use } of names) this.#followExport(loaded, name, [use]);
    }

    /** Reports an import that leads to machine code. */
    reportNative(at: NodePath<t.Node>, specifier: string, fromFile: string): void {
        const addon = this.#planning.isExternal(specifier) ? undefined : nativeAddon(specifier, fromFile);
        if (addon === undefined) return;
        this.#planning.report(at, `"${addon}" is a native addon, machine code that is not taken along`, addonRemedy);
    }

    #reportMissing(at: NodePath<t.Node>, name: string, specifier: string): void {
        this.#planning.report(at, `"${name}" comes from ${specifier}, which is no file`, "Correct the path");
    }

    #followInto(path: string, name: string, uses: Uses): void {
        const file = readSourceFile(path);
        if (name === "*") this.#followNamespace(file, uses);
        else this.#followExport(file, name, uses);
    }

    /** `import * as sortline`: only some of the names exist inside of a function. */
    #checkPackageMembers(uses: Uses): void {
        for (const use of uses) {
            const name = memberOf(use)?.name ?? "*";
            if (!runTimeExport(name)) this.#planning.reportDeployOnly(use, name, "sortline");
        }
    }

    #followNamespace(file: SourceFile, uses: Uses): void {
        this.#declarations.plan(file);
        for (const use of uses) {
            const { name, path } = memberOf(use) ?? { path: use };
            if (name !== undefined) this.#followExport(file, name, [path]);
            else for (const each of exportsOf(file.path)) this.#followExport(file, each, [path]);
        }
    }

    /** `uses` stand in the importing files. */
    #followExport(file: SourceFile, name: string, uses: Uses): void {
        const plan = this.#declarations.plan(file);
        const exported = findExport(file, name);
        const [first] = uses;
        if (!first) return;
        if (!exported) {
            this.#planning.report(first, `${file.path} exports no "${name}"`, "Correct the import");
        } else if ("specifier" in exported) this.#followReexport(file, name, exported, uses);
        else {
            const { local } = exported;
            const binding = file.program.scope.getOwnBinding(local);
            const imported = file.imports.get(local);
            const ownDefault = name === "default" && hasOwnDefault(file);
            if (binding && !ownDefault) plan.exports.set(name, local);
            if (binding && imported) this.follow(file, local, imported, uses);
            else if (binding) this.#declarations.need(file, binding, uses);
            else if (ownDefault) {
                const statement = file.program.get("body").find((each) => each.isExportDefaultDeclaration());
                if (statement) this.#declarations.keep(file, statement);
            }
        }
    }

    #followReexport(file: SourceFile, name: string, exported: ImportedName, uses: Uses): void {
        const [first] = uses;
        const target = importTarget(file.path, exported);
        if (!first) return;
        if (target.kind === "deploy-only") this.#planning.reportDeployOnly(first, name, target.package);
        else if (target.kind === "missing") this.#reportMissing(first, name, exported.specifier);
        else {
            if (target.kind === "package")
                this.reportNative(exportStatement(file, exported) ?? first, target.specifier, file.path);
            const { reexports } = this.#declarations.plan(file);
            reexports.set(name, { from: target.kind === "file" ? target.file : target.specifier, name: target.name });
            if (target.kind !== "file") return;
            const seen = this.#live.readExport(file.path, [name]);
            this.#live.follow(file.path, target.specifier, target.file, target.name, seen);
            this.#followInto(target.file, target.name, uses);
        }
    }
}
