import type { NodePath } from "@babel/traverse";
import type * as t from "@babel/types";
import { propertyOf } from "./expressions";

/**
 * The property that a use asks of a namespace, without a name where it is only known at run time; undefined when the use
 * is another one.
 */
export function memberOf(
    use: NodePath<t.Node>,
): { readonly name?: string; readonly path: NodePath<t.Node> } | undefined {
    const path = use.parentPath;
    if (!path?.isMemberExpression({ object: use.node as t.Expression })) return undefined;
    return { name: propertyOf(path), path };
}

type Names = readonly { readonly name: string; readonly use: NodePath<t.Node> }[];

/** The names that are asked of a module through the pattern that it is assigned to; undefined where it is passed on. */
function namesOfPattern(id: t.Node | undefined, at: NodePath<t.Node>): Names | undefined {
    if (id?.type === "Identifier") {
        const binding = at.scope.getBinding(id.name);
        if (binding?.constantViolations.length !== 0) return undefined;
        const members = binding.referencePaths.map((reference) => {
            const { name, path } = memberOf(reference) ?? {};
            return name !== undefined && path ? { name, use: path } : undefined;
        });
        return members.every((each) => each !== undefined) ? members : undefined;
    }
    if (id?.type !== "ObjectPattern") return undefined;
    const names = id.properties.map((each) =>
        each.type === "ObjectProperty" && !each.computed && each.key.type === "Identifier" ? each.key.name : undefined,
    );
    return names.every((each) => each !== undefined) ? names.map((name) => ({ name, use: at })) : undefined;
}

/** The names that are asked of a module where it is loaded; undefined where it is passed on. */
export function namesOfLoaded(call: NodePath<t.Node>): Names | undefined {
    const isPromise = call.isCallExpression() && call.node.callee.type === "Import";
    const waited = call.parentPath?.isAwaitExpression() ? call.parentPath : call;
    const member = memberOf(waited);
    if (isPromise && waited === call) {
        const then = member?.name === "then" ? member.path.parentPath : undefined;
        const handler = then?.isCallExpression() ? then.get("arguments")[0] : undefined;
        return handler?.isFunction() ? namesOfPattern(handler.node.params[0], handler) : undefined;
    }
    if (member) return member.name === undefined ? undefined : [{ name: member.name, use: member.path }];
    const declarator = waited.parentPath;
    return declarator?.isVariableDeclarator() ? namesOfPattern(declarator.node.id, declarator) : undefined;
}
