import type { Binding, NodePath } from "@babel/traverse";
import type * as t from "@babel/types";
import { freeVariables } from "./free-variables";
import { findExport, importTarget } from "./import-target";
import type { Location } from "./inline-error";
import { type ImportedName, locationOf, readSourceFile, type SourceFile } from "./source-file";

/** Why a piece of code exists only while deploying. */
export interface DeploymentUse {
    /** The package, for example `@pulumi/aws`. */
    readonly package: string;
    /** The name under which it is used. */
    readonly name: string;
    readonly location: Location;
}

/** True for a use that happens when the module loads, not when one of its functions is called or an object is made. */
function runsAtLoad(use: NodePath<t.Node>, within: NodePath<t.Node>): boolean {
    for (let at: NodePath<t.Node> | null = use; at && at !== within; at = at.parentPath) {
        if (at.isFunction() && !isCalledAtOnce(at)) return false;
        if (isOwnField(at.parentPath) && at.key === "value") return false;
    }
    return true;
}

/** True for a field that each object of a class gets when it is made. */
function isOwnField(path: NodePath<t.Node> | null): boolean {
    if (!path?.isClassProperty() && !path?.isClassPrivateProperty() && !path?.isClassAccessorProperty()) return false;
    return path.node.static !== true;
}

function isCalledAtOnce(path: NodePath<t.Function>): boolean {
    return path.parentPath?.isCallExpression({ callee: path.node as t.Expression }) ?? false;
}

/** True for `f` in `f(…)` and `new F(…)`. */
function isCallee(use: NodePath<t.Node>): boolean {
    const parent = use.parentPath?.node;
    const calls =
        parent?.type === "CallExpression" ||
        parent?.type === "NewExpression" ||
        parent?.type === "OptionalCallExpression";
    return calls && parent.callee === use.node;
}

/** Finds out which code exists only while deploying, across files. */
export class DeploymentCode {
    readonly #known = new Map<string, DeploymentUse | undefined>();
    readonly #paths = new WeakMap<t.Node, number>();
    #last = 0;
    readonly #isData: (file: SourceFile, binding: Binding) => boolean;

    /** `isData` is asked for module-level variables: what came about while deploying, and is taken as data, does not count. */
    constructor(isData: (file: SourceFile, binding: Binding) => boolean = () => false) {
        this.#isData = isData;
    }

    /** What the code does with deployment-only packages when its module loads. */
    atLoad(file: SourceFile, path: NodePath<t.Node>): DeploymentUse | undefined {
        return this.#search(file, path, false);
    }

    #search(file: SourceFile, path: NodePath<t.Node>, anywhere: boolean): DeploymentUse | undefined {
        const id = this.#paths.get(path.node) ?? ++this.#last;
        this.#paths.set(path.node, id);
        const key = `${id}/${anywhere}`;
        if (this.#known.has(key)) return this.#known.get(key);
        this.#known.set(key, undefined);
        const found = this.#searchUses(file, path, anywhere) ?? this.#searchRequires(file, path);
        this.#known.set(key, found);
        return found;
    }

    #searchUses(file: SourceFile, path: NodePath<t.Node>, anywhere: boolean): DeploymentUse | undefined {
        for (const { binding, uses, name } of freeVariables(path)) {
            if (!binding.scope.path.isProgram()) continue;
            const relevant = uses.filter((use) => anywhere || runsAtLoad(use, path));
            const [first] = relevant;
            if (!first) continue;
            const called = anywhere || relevant.some(isCallee);
            const imported = file.imports.get(name);
            const found = imported ? this.#imported(file, imported, called, first) : this.#local(file, binding, called);
            if (found) return found;
        }
        return undefined;
    }

    #imported(
        file: SourceFile,
        imported: ImportedName,
        called: boolean,
        use: NodePath<t.Node>,
    ): DeploymentUse | undefined {
        const target = importTarget(file.path, imported);
        const name = use.isIdentifier() ? use.node.name : imported.name;
        if (target.kind === "deploy-only")
            return { package: target.package, name, location: locationOf(file, use.node) };
        // Nearly all of this package exists only while deploying.
        if (target.kind === "package" && target.specifier === "sortline") {
            return { package: "sortline", name, location: locationOf(file, use.node) };
        }
        return target.kind === "file" ? this.#exported(target.file, target.name, called) : undefined;
    }

    #exported(path: string, name: string, called: boolean): DeploymentUse | undefined {
        const file = readSourceFile(path);
        if (name === "*") return undefined;
        const exported = findExport(file, name);
        if (!exported) return undefined;
        if ("specifier" in exported) {
            const target = importTarget(path, exported);
            if (target.kind === "deploy-only") {
                return { package: target.package, name, location: locationOf(file, file.program.node) };
            }
            return target.kind === "file" ? this.#exported(target.file, target.name, called) : undefined;
        }
        const binding = file.program.scope.getOwnBinding(exported.local);
        if (!binding) return undefined;
        const imported = file.imports.get(exported.local);
        return imported ? this.#imported(file, imported, called, binding.path) : this.#local(file, binding, called);
    }

    #local(file: SourceFile, binding: Binding, called: boolean): DeploymentUse | undefined {
        const { path } = binding;
        if (this.#isData(file, binding)) return undefined;
        if (path.isFunctionDeclaration()) return called ? this.#search(file, path, true) : undefined;
        return this.#search(file, path, called && this.#isFunctionLike(path));
    }

    #isFunctionLike(path: NodePath<t.Node>): boolean {
        if (path.isClassDeclaration()) return true;
        const init = path.isVariableDeclarator() ? path.node.init?.type : undefined;
        return init === "ArrowFunctionExpression" || init === "FunctionExpression" || init === "ClassExpression";
    }

    /** `require("@pulumi/…")` in programs written in CommonJS. */
    #searchRequires(file: SourceFile, path: NodePath<t.Node>): DeploymentUse | undefined {
        let found: DeploymentUse | undefined;
        path.traverse({
            CallExpression: (call) => {
                const { callee, arguments: given } = call.node;
                if (callee.type !== "Identifier" || callee.name !== "require" || given[0]?.type !== "StringLiteral")
                    return;
                const target = importTarget(file.path, { specifier: given[0].value, name: "*" });
                if (target.kind !== "deploy-only") return;
                found = { package: target.package, name: "require", location: locationOf(file, call.node) };
                call.stop();
            },
        });
        return found;
    }
}
