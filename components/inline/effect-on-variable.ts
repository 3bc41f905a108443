import type { NodePath } from "@babel/traverse";
import type * as t from "@babel/types";

const objectChangers = new Set(["assign", "defineProperty", "defineProperties", "setPrototypeOf"]);

function isObjectChange(call: t.CallExpression, argument: t.Node): boolean {
    const { callee } = call;
    return (
        call.arguments[0] === argument &&
        callee.type === "MemberExpression" &&
        callee.object.type === "Identifier" &&
        callee.object.name === "Object" &&
        callee.property.type === "Identifier" &&
        objectChangers.has(callee.property.name)
    );
}

/**
 * What a statement at module level does to a variable that it uses when it runs: `changes` it (an assignment to it or
 * into it, a call on it for the call's sake), or passes it on to something that `may change` it.
 */
export function effectOn(use: NodePath<t.Node>, statement: NodePath<t.Node>): "changes" | "may change" | undefined {
    if (use.getFunctionParent()?.isDescendant(statement)) return undefined;
    if (use.isAssignmentExpression() || use.isUpdateExpression() || use.isForXStatement()) return "changes";
    let at: NodePath<t.Node> = use;
    let called = false;
    for (let parent = at.parentPath; parent; parent = at.parentPath) {
        const isObject = parent.isMemberExpression() && parent.node.object === at.node;
        const isCallee = parent.isCallExpression() && parent.node.callee === at.node;
        if (!isObject && !isCallee && !parent.isAwaitExpression()) break;
        called ||= isCallee;
        at = parent;
    }
    const parent = at.parentPath;
    if (parent?.isAssignmentExpression() && parent.node.left === at.node) return "changes";
    if (parent?.isUpdateExpression() || parent?.isUnaryExpression({ operator: "delete" })) return "changes";
    if (called) return parent?.isExpressionStatement() && at.node !== use.node ? "changes" : undefined;
    if (!parent?.isCallExpression()) return undefined;
    return isObjectChange(parent.node, at.node) ? "changes" : "may change";
}

const arrayChangers = new Set(["push", "pop", "shift", "unshift", "splice", "sort", "reverse", "fill", "copyWithin"]);

/** True where an array in a variable, or in its properties, is changed by one of the array's own methods. */
export function changesArray(use: NodePath<t.Node>): boolean {
    let at: NodePath<t.Node> = use;
    for (let parent = at.parentPath; parent?.isMemberExpression({ object: at.node as t.Expression }); ) {
        at = parent;
        parent = at.parentPath;
    }
    if (!at.isMemberExpression() || !at.parentPath?.isCallExpression({ callee: at.node })) return false;
    return at.node.property.type === "Identifier" && arrayChangers.has(at.node.property.name);
}
