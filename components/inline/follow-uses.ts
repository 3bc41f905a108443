import type { NodePath } from "@babel/traverse";
import type * as t from "@babel/types";
import { type CapturedValue, type CapturedValues, describeValue, kindOf } from "./captured-value";
import { dataProblem } from "./data";
import type { Location } from "./inline-error";
import { hasRunTimeSide, runTimeSide } from "./run-time-side";

/** Takes a problem found at a place in the code. */
export type Report = (at: NodePath<t.Node>, what: string, remedy: string) => void;

/** Tells where code stands. */
export type Locate = (at: NodePath<t.Node>) => Location;

const transparent = new Set([
    "TSNonNullExpression",
    "TSAsExpression",
    "TSSatisfiesExpression",
    "TSTypeAssertion",
    "ParenthesizedExpression",
]);

/** The expression with the casts and parentheses around it. */
function outermost(path: NodePath<t.Node>): NodePath<t.Node> {
    let at = path;
    while (at.parentPath && transparent.has(at.parentPath.node.type)) at = at.parentPath;
    return at;
}

function isMember(
    path: NodePath | null | undefined,
): path is NodePath<t.MemberExpression | t.OptionalMemberExpression> {
    return path?.node.type === "MemberExpression" || path?.node.type === "OptionalMemberExpression";
}

function isCall(path: NodePath | null | undefined): path is NodePath<t.CallExpression | t.OptionalCallExpression> {
    return path?.node.type === "CallExpression" || path?.node.type === "OptionalCallExpression";
}

/** The property that a member expression names; undefined when it is computed at run time. */
function propertyOf({ node }: NodePath<t.MemberExpression | t.OptionalMemberExpression>): string | undefined {
    if (!node.computed) return node.property.type === "Identifier" ? node.property.name : undefined;
    if (node.property.type === "StringLiteral") return node.property.value;
    return node.property.type === "NumericLiteral" ? String(node.property.value) : undefined;
}

/** Contexts that only ask whether there is a value. */
function isOnlyTested(expression: NodePath<t.Node>): boolean {
    const parent = expression.parentPath;
    if (!parent) return false;
    const { node } = parent;
    if (node.type === "UnaryExpression") return true;
    if (node.type === "BinaryExpression") return true;
    if (node.type === "LogicalExpression") return node.left === expression.node && node.operator === "&&";
    return (node.type === "IfStatement" || node.type === "ConditionalExpression") && node.test === expression.node;
}

// Methods whose result holds no element that their function does not return.
const elementMethods = new Set(["map", "forEach", "some", "every", "flatMap"]);
const askOne = "Name what is used, for example: queues.sales.send(x), or queues[name].send(x)";

/** Follows what handlers do with captured values, and enters in each what they need of it. */
export class UseFollower {
    readonly #values: CapturedValues;
    readonly #report: Report;
    readonly #locate: Locate;
    readonly #followed = new Set<string>();
    #ids = new WeakMap<object, number>();
    #lastId = 0;

    constructor(values: CapturedValues, report: Report, locate: Locate) {
        this.#values = values;
        this.#report = report;
        this.#locate = locate;
    }

    /** `path` is an expression whose value is the captured one. */
    follow(captured: CapturedValue, path: NodePath<t.Node>): void {
        const key = `${this.#id(captured)}/${this.#id(path.node)}`;
        if (this.#followed.has(key)) return;
        this.#followed.add(key);
        if (captured.kind === "data") {
            this.#useData(captured, path);
            return;
        }
        const expression = outermost(path);
        const parent = expression.parentPath;
        if (isMember(parent) && parent.node.object === expression.node) {
            this.#followMember(captured, parent);
            return;
        }
        if (captured.kind === "output") {
            this.#readOutput(captured, expression);
            return;
        }
        if (this.#followAlias(captured, expression)) return;
        const elements = this.#elementsOf(captured, expression);
        if (elements) {
            this.#followElements(elements.each, elements.list, captured);
            return;
        }
        if (isOnlyTested(expression)) return;
        this.#useWhole(captured, expression);
    }

    #id(subject: object): number {
        const known = this.#ids.get(subject) ?? ++this.#lastId;
        this.#ids.set(subject, known);
        return known;
    }

    #name(captured: CapturedValue): string {
        return `"${captured.words.join(".")}"`;
    }

    #followMember(captured: CapturedValue, member: NodePath<t.MemberExpression | t.OptionalMemberExpression>): void {
        const name = propertyOf(member);
        if (name === undefined) {
            if (captured.kind !== "mixture") {
                this.#report(
                    member,
                    `${this.#name(captured)} is asked for a property whose name is only known at run time`,
                    "Write the property's name: its permissions follow from it",
                );
                return;
            }
            for (const each of Object.keys(captured.value as object))
                this.follow(this.#values.part(captured, each), member);
            return;
        }
        this.#followProperty(captured, name, member);
    }

    /** `use` is where the property's value stands. */
    #followProperty(captured: CapturedValue, name: string, use: NodePath<t.Node>): void {
        const { value, kind } = captured;
        if (kind === "component" && hasRunTimeSide(value) && Object.hasOwn(value[runTimeSide].methods, name)) {
            this.#useMethod(captured, name, use);
            return;
        }
        if (kind === "output") {
            if (name === "get") this.#readOutput(captured, use);
            else if (name === "apply" || name === "isSecret" || name === "isKnown") {
                this.#report(
                    use,
                    `${this.#name(captured)} is an output, and .${name} exists only while deploying`,
                    `Read it with .get()`,
                );
            } else this.follow(this.#values.part(captured, name), use);
            return;
        }
        if (Array.isArray(value) && !Object.hasOwn(value, name)) {
            const expression = outermost(use);
            const array = (use as NodePath<t.MemberExpression>).get("object") as NodePath<t.Node>;
            if (isCall(expression.parentPath) && elementMethods.has(name)) {
                this.#followElements(Object.keys(value), array, captured);
                return;
            }
            if (name !== "length") {
                this.#useWhole(captured, use);
                return;
            }
            for (const each of Object.keys(value)) this.#values.part(captured, each);
            return;
        }
        let child: unknown;
        try {
            child = (value as Readonly<Record<string, unknown>>)[name];
        } catch (error) {
            child = undefined;
            this.#report(
                use,
                `"${[...captured.words, name].join(".")}" cannot be read: ${error instanceof Error ? error.message : String(error)}`,
                "Read it before the stage, into a constant",
            );
            return;
        }
        if (typeof child === "function" && kindOf(child) === "other") {
            this.#reportFunction(captured, name, use);
            return;
        }
        this.follow(this.#values.part(captured, name), use);
    }

    #useMethod(captured: CapturedValue, name: string, at: NodePath<t.Node>): void {
        const places = captured.methods.get(name) ?? [];
        captured.methods.set(name, [...places, this.#locate(at)]);
    }

    #readOutput(captured: CapturedValue, at: NodePath<t.Node>): void {
        captured.whole = true;
        captured.reads.push(this.#locate(at));
    }

    #reportFunction(captured: CapturedValue, name: string, use: NodePath<t.Node>): void {
        const full = `"${[...captured.words, name].join(".")}"`;
        const { value } = captured;
        if (hasRunTimeSide(value)) {
            const known = Object.keys(value[runTimeSide].methods);
            this.#report(
                use,
                `${full} is no run-time method of ${value.constructor.name}`,
                known.length === 0 ? "It has none" : `It has: ${known.join(", ")}`,
            );
            return;
        }
        this.#report(
            use,
            `${full} is a function of ${describeValue(value)} that exists only while deploying`,
            "Capture plain data, an output or a component; make other things at module level, from code that does not deploy",
        );
    }

    /** `const queue = queues[name]`, `const { sales } = queues`, `for (const queue of list)`: the uses go on under another name. */
    #followAlias(captured: CapturedValue, expression: NodePath<t.Node>): boolean {
        const parent = expression.parentPath;
        if (!parent?.isVariableDeclarator() || parent.node.init !== expression.node) return false;
        const { id } = parent.node;
        if (id.type === "Identifier") return this.#followName(captured, id.name, parent);
        if (id.type !== "ObjectPattern") return false;
        const taken = id.properties.map((each) =>
            each.type === "ObjectProperty" &&
            !each.computed &&
            each.key.type === "Identifier" &&
            each.value.type === "Identifier"
                ? { property: each.key.name, local: each.value.name }
                : undefined,
        );
        if (!taken.every((each) => each !== undefined)) return false;
        for (const { property, local } of taken) {
            if (
                captured.kind === "component" &&
                hasRunTimeSide(captured.value) &&
                property in captured.value[runTimeSide].methods
            ) {
                this.#useMethod(captured, property, parent);
            } else this.#followName(this.#values.part(captured, property), local, parent);
        }
        return true;
    }

    #followName(captured: CapturedValue, name: string, at: NodePath<t.Node>): boolean {
        const binding = at.scope.getBinding(name);
        if (!binding || binding.constantViolations.length > 0) return false;
        for (const reference of binding.referencePaths) this.follow(captured, reference);
        return true;
    }

    /** The parts that an expression lists: those of `Object.values(x)`, or of the array itself. */
    #elementsOf(captured: CapturedValue, expression: NodePath<t.Node>) {
        if (captured.kind !== "mixture") return undefined;
        const each = Object.keys(captured.value as object);
        const parent = expression.parentPath;
        if (Array.isArray(captured.value) && parent?.isForOfStatement()) return { each, list: expression };
        if (parent?.isBinaryExpression({ operator: "in" })) return { each, list: undefined };
        if (
            !isCall(parent) ||
            parent.node.arguments[0] !== expression.node ||
            !isMember(parent.get("callee") as NodePath)
        )
            return undefined;
        const callee = parent.get("callee") as NodePath<t.MemberExpression>;
        if (callee.node.object.type !== "Identifier" || callee.node.object.name !== "Object") return undefined;
        const name = propertyOf(callee);
        if (name === "keys" || name === "hasOwn") return { each, list: undefined };
        return name === "values" ? { each, list: parent } : undefined;
    }

    /** `list` is an expression whose elements are parts of a captured value; undefined where only their names are asked for. */
    #followElements(each: readonly string[], list: NodePath<t.Node> | undefined, captured: CapturedValue): void {
        const parts = each.map((name) => this.#values.part(captured, name));
        if (!list) return;
        const expression = outermost(list);
        const parent = expression.parentPath;
        let name: string | undefined;
        let scope = parent;
        if (
            parent?.isForOfStatement() &&
            parent.node.right === expression.node &&
            parent.node.left.type === "VariableDeclaration"
        ) {
            const id = parent.node.left.declarations[0]?.id;
            if (id?.type === "Identifier") name = id.name;
        } else if (
            isMember(parent) &&
            isCall(outermost(parent).parentPath) &&
            elementMethods.has(propertyOf(parent) ?? "")
        ) {
            const handler = (outermost(parent).parentPath as NodePath<t.CallExpression>).get("arguments")[0];
            if (handler?.isFunction()) {
                const [first] = handler.node.params;
                if (first?.type === "Identifier") name = first.name;
                scope = handler;
                if (handler.node.params.length === 0) return;
                // The third parameter is the array itself.
                if (handler.node.params.length > 2) name = undefined;
            }
        }
        if (name !== undefined && scope && parts.every((part) => this.#followName(part, name, scope))) return;
        this.#useWhole(captured, expression);
    }

    #useData(captured: CapturedValue, at: NodePath<t.Node>): void {
        if (captured.whole) return;
        captured.whole = true;
        const problem = dataProblem(captured.value);
        if (problem) this.#report(at, `${this.#name(captured)} ${problem.what}`, problem.remedy);
    }

    #useWhole(captured: CapturedValue, expression: NodePath<t.Node>): void {
        const name = this.#name(captured);
        if (captured.kind === "component") {
            this.#report(
                expression,
                `${name} is passed on as a whole, so that what it is used for cannot be seen`,
                `Call its methods here: its permissions follow from them`,
            );
        } else if (captured.kind === "resource") {
            this.#report(
                expression,
                `the resource ${name} is used as a whole`,
                `Use one of its outputs, for example: ${captured.words.at(-1) ?? "bucket"}.id.get()`,
            );
        } else if (captured.kind === "other") {
            this.#report(
                expression,
                `${name} is ${describeValue(captured.value)}, which exists only while deploying`,
                "Capture plain data, an output or a component; make other things at module level, from code that does not deploy",
            );
        } else {
            for (const each of Object.keys(captured.value as object)) {
                const part = this.#values.part(captured, each);
                if (part.kind === "data") this.#useData(part, expression);
                else if (part.kind === "output") this.#readOutput(part, expression);
                else if (part.kind === "mixture") this.#useWhole(part, expression);
                else {
                    this.#report(
                        expression,
                        `${name} is passed on as a whole, and "${part.words.join(".")}" in it is no data`,
                        askOne,
                    );
                    return;
                }
            }
        }
    }
}
