import type { NodePath } from "@babel/traverse";
import type * as t from "@babel/types";
import type { CapturedValue } from "./captured-value";
import { isCall, isMember, outermost, propertyOf } from "./expressions";

/** What an expression lists; without a `list`, only the names are asked for. */
export interface ListedElements {
    readonly names: readonly string[];
    readonly list: NodePath<t.Node> | undefined;
    /** Pairs of name and part. */
    readonly inPairs: boolean;
}

/** The variable that holds one element after the other, and a place that sees it. */
export interface ElementVariable {
    readonly name: string;
    readonly at: NodePath<t.Node>;
}

// Methods whose result holds no element that their function does not return.
const elementMethods = new Set(["map", "forEach", "some", "every", "flatMap"]);

/** `expression` in `for (const each of expression)`, `name in expression`, `Object.values(expression)` and the like. */
export function elementsOf(captured: CapturedValue, expression: NodePath<t.Node>): ListedElements | undefined {
    if (captured.kind !== "mixture") return undefined;
    const names = Object.keys(captured.value as object);
    const parent = expression.parentPath;
    if (Array.isArray(captured.value) && parent?.isForOfStatement()) return { names, list: expression, inPairs: false };
    if (parent?.isBinaryExpression({ operator: "in" }) || parent?.isForInStatement())
        return { names, list: undefined, inPairs: false };
    if (!isCall(parent) || parent.node.arguments[0] !== expression.node) return undefined;
    const callee = parent.get("callee") as NodePath;
    if (!isMember(callee)) return undefined;
    if (callee.node.object.type !== "Identifier" || callee.node.object.name !== "Object") return undefined;
    const name = propertyOf(callee);
    if (name === "keys" || name === "hasOwn") return { names, list: undefined, inPairs: false };
    return name === "values" || name === "entries" ? { names, list: parent, inPairs: name === "entries" } : undefined;
}

/** `list` in `list.map(…)`: all elements of an array, by a method that hands them to a function. */
export function elementsOfArray(array: readonly unknown[], member: NodePath<t.Node>): ListedElements | undefined {
    if (!isMember(member) || !isElementMethod(member)) return undefined;
    return { names: Object.keys(array), list: member.get("object") as NodePath<t.Node>, inPairs: false };
}

function isElementMethod(member: NodePath<t.Node>): boolean {
    return isMember(member) && isCall(outermost(member).parentPath) && elementMethods.has(propertyOf(member) ?? "");
}

/** The variable by which the code goes on with the elements; "none" where it does not, undefined where it cannot be told. */
export function elementVariable({ list, inPairs }: ListedElements): ElementVariable | "none" | undefined {
    if (!list) return "none";
    const expression = outermost(list);
    const parent = expression.parentPath;
    if (parent?.isForOfStatement()) {
        const { left, right } = parent.node;
        if (right !== expression.node || left.type !== "VariableDeclaration") return undefined;
        return variable(left.declarations[0]?.id, inPairs, parent);
    }
    if (!parent || !isElementMethod(parent)) return undefined;
    const handler = (outermost(parent).parentPath as NodePath<t.CallExpression>).get("arguments")[0];
    if (!handler?.isFunction()) return undefined;
    const { params } = handler.node;
    if (params.length === 0) return "none";
    // The third parameter is the array itself.
    return params.length > 2 ? undefined : variable(params[0], inPairs, handler);
}

/** The name that a loop or a function gives to an element; undefined when it takes it to pieces. */
function variable(pattern: t.Node | undefined, inPairs: boolean, at: NodePath<t.Node>): ElementVariable | undefined {
    const element = inPairs ? (pattern?.type === "ArrayPattern" ? pattern.elements[1] : undefined) : pattern;
    return element?.type === "Identifier" ? { name: element.name, at } : undefined;
}
