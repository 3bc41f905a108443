import type { NodePath } from "@babel/traverse";
import type * as t from "@babel/types";

/** `object.property`, also where it is written `object?.property`. */
export type Member = NodePath<t.MemberExpression | t.OptionalMemberExpression>;

const transparent = new Set([
    "TSNonNullExpression",
    "TSAsExpression",
    "TSSatisfiesExpression",
    "TSTypeAssertion",
    "ParenthesizedExpression",
]);

/** The expression with the casts and parentheses around it. */
export function outermost(path: NodePath<t.Node>): NodePath<t.Node> {
    let at = path;
    while (at.parentPath && transparent.has(at.parentPath.node.type)) at = at.parentPath;
    return at;
}

export function isMember(path: NodePath | null | undefined): path is Member {
    return path?.node.type === "MemberExpression" || path?.node.type === "OptionalMemberExpression";
}

export function isCall(
    path: NodePath | null | undefined,
): path is NodePath<t.CallExpression | t.OptionalCallExpression> {
    return path?.node.type === "CallExpression" || path?.node.type === "OptionalCallExpression";
}

/** The property that a member expression names; undefined when it is computed at run time. */
export function propertyOf({ node }: Member): string | undefined {
    if (!node.computed) return node.property.type === "Identifier" ? node.property.name : undefined;
    if (node.property.type === "StringLiteral") return node.property.value;
    return node.property.type === "NumericLiteral" ? String(node.property.value) : undefined;
}

/** True where what is around an expression only asks whether there is a value. */
export function isOnlyTested(expression: NodePath<t.Node>): boolean {
    const parent = expression.parentPath;
    if (!parent) return false;
    const { node } = parent;
    if (node.type === "UnaryExpression") return true;
    if (node.type === "BinaryExpression") return true;
    if (node.type === "LogicalExpression") return node.left === expression.node && node.operator === "&&";
    return (node.type === "IfStatement" || node.type === "ConditionalExpression") && node.test === expression.node;
}
