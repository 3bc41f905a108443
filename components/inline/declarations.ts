import { types } from "node:util";
import type { Binding, NodePath } from "@babel/traverse";
import type * as t from "@babel/types";
import type { DeploymentUse } from "./deployment-code";
import type { LiveValue } from "./live-values";
import type { SourceFile } from "./source-file";

/** True where the deployment-only name itself is written in the statement: no value could stand for it. */
export function stands({ location }: DeploymentUse, file: SourceFile, { node }: NodePath<t.Node>): boolean {
    const { start, end } = node.loc ?? {};
    return location.file === file.path && !!start && !!end && start.line <= location.line && location.line <= end.line;
}

/** `object.method`, where that is what a variable was given. */
export function methodTaken(file: SourceFile, path: NodePath<t.VariableDeclarator>, name: string): string | undefined {
    const { id, init } = path.node;
    if (!init || typeof init.start !== "number" || typeof init.end !== "number") return undefined;
    const text = file.text.slice(init.start, init.end);
    if (init.type === "MemberExpression") return text;
    return id.type === "ObjectPattern" ? `${text}.${name}` : undefined;
}

/** True for a Map or Set that holds nothing yet. */
export function isEmptyTable(value: unknown): boolean {
    return (types.isMap(value) || types.isSet(value)) && value.size === 0;
}

/** True for a function that is there to be called: passing it on leaves it as it is, which is not so for a constructor. */
export function isMereFunction({ path, identifier }: Binding): boolean {
    const init = path.isVariableDeclarator() ? path.get("init") : path;
    if (init.isArrowFunctionExpression()) return true;
    return (init.isFunctionDeclaration() || init.isFunctionExpression()) && !/^\p{Lu}/u.test(identifier.name);
}

/** Where a piece of code starts in its file, in characters. */
export function startOf(path: NodePath<t.Node>): number {
    return path.node.start ?? 0;
}

/** The value of a constant that the compiler put in the place of its name. */
export function constantOf(binding: Binding): LiveValue {
    if (!binding.path.isVariableDeclarator() || binding.constantViolations.length > 0) return undefined;
    const init = binding.path.get("init") as NodePath<t.Node>;
    const result = init.node ? init.evaluate() : undefined;
    return result?.confident ? { value: result.value as unknown } : undefined;
}
