import type { NodePath } from "@babel/traverse";
import type * as t from "@babel/types";
import { type CapturedValue, type CapturedValues, describeValue, kindOf, obstacle, remedyFor } from "./captured-value";
import { dataProblem } from "./data-problem";
import type { Location } from "./inline-error";
import { hasRunTimeSide, runTimeSide } from "./run-time-side";

/** Takes data that is going to be part of an artefact, and the first place that uses it. */
export type OnData = (at: NodePath<t.Node>, value: unknown, name: string) => void;

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

/** What an expression lists; without a `list`, only the names are asked for. */
interface Elements {
    readonly each: readonly string[];
    readonly list: NodePath<t.Node> | undefined;
    /** Pairs of name and part. */
    readonly inPairs: boolean;
}

/** The name that a loop or a function gives to an element; undefined when it takes it to pieces. */
function elementName(pattern: t.Node | undefined, inPairs: boolean): string | undefined {
    const element = inPairs ? (pattern?.type === "ArrayPattern" ? pattern.elements[1] : undefined) : pattern;
    return element?.type === "Identifier" ? element.name : undefined;
}

/** Follows what handlers do with captured values, and enters in each what they need of it. */
export class UseFollower {
    readonly #values: CapturedValues;
    readonly #report: Report;
    readonly #locate: Locate;
    readonly #onData: OnData;
    readonly #followed = new Set<string>();
    #ids = new WeakMap<object, number>();
    #lastId = 0;

    /** `onData` is told of data that is taken along, once each. */
    constructor(values: CapturedValues, report: Report, locate: Locate, onData: OnData) {
        this.#values = values;
        this.#report = report;
        this.#locate = locate;
        this.#onData = onData;
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
        if (this.#followAlias(captured, expression)) return;
        if (captured.kind === "output") {
            this.#report(
                path,
                `${this.#name(captured)} is an output, and is used without .get()`,
                `Read its value: ${captured.words.join(".")}.get()`,
            );
            return;
        }
        const elements = this.#elementsOf(captured, expression);
        if (elements) {
            this.#followElements(elements, captured);
            return;
        }
        if (isOnlyTested(expression)) return;
        this.#useWhole(captured, expression);
    }

    /** `use` is `exports.name`, whose value is `value`. */
    followExport(all: CapturedValue, name: string, value: unknown, use: NodePath<t.Node>): void {
        const part = all.parts.get(name) ?? this.#values.enter(value, [name]);
        all.parts.set(name, part);
        this.follow(part, use);
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
            this.#checkCall(captured, name, use);
            this.#useMethod(captured, name, use);
            return;
        }
        if (kind === "output") {
            if (name === "get") {
                this.#checkCall(captured, name, use);
                captured.whole = true;
                captured.reads.push(this.#locate(use));
            } else if (name === "apply" || name === "isSecret" || name === "isKnown") {
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
                this.#followElements({ each: Object.keys(value), list: array, inPairs: false }, captured);
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

    /** A method that is passed on is no longer seen with its object, by people and by this analysis. */
    #checkCall({ words }: CapturedValue, name: string, use: NodePath<t.Node>): void {
        const expression = outermost(use);
        const parent = expression.parentPath;
        if (isCall(parent) && parent.node.callee === expression.node) return;
        const full = [...words, name].join(".");
        this.#report(
            use,
            `"${full}" is a method, and is passed on without being called`,
            `Pass a function that calls it: ${name === "get" ? `() => ${full}()` : `(value) => ${full}(value)`}`,
        );
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
            remedyFor(value),
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

    /** The parts that an expression lists: those of `Object.values(x)`, in pairs of `Object.entries(x)`, or of the array itself. */
    #elementsOf(captured: CapturedValue, expression: NodePath<t.Node>): Elements | undefined {
        if (captured.kind !== "mixture") return undefined;
        const each = Object.keys(captured.value as object);
        const parent = expression.parentPath;
        if (Array.isArray(captured.value) && parent?.isForOfStatement())
            return { each, list: expression, inPairs: false };
        if (parent?.isBinaryExpression({ operator: "in" }) || parent?.isForInStatement())
            return { each, list: undefined, inPairs: false };
        if (
            !isCall(parent) ||
            parent.node.arguments[0] !== expression.node ||
            !isMember(parent.get("callee") as NodePath)
        )
            return undefined;
        const callee = parent.get("callee") as NodePath<t.MemberExpression>;
        if (callee.node.object.type !== "Identifier" || callee.node.object.name !== "Object") return undefined;
        const name = propertyOf(callee);
        if (name === "keys" || name === "hasOwn") return { each, list: undefined, inPairs: false };
        return name === "values" || name === "entries"
            ? { each, list: parent, inPairs: name === "entries" }
            : undefined;
    }

    #followElements({ each, list, inPairs }: Elements, captured: CapturedValue): void {
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
            name = elementName(parent.node.left.declarations[0]?.id, inPairs);
        } else if (
            isMember(parent) &&
            isCall(outermost(parent).parentPath) &&
            elementMethods.has(propertyOf(parent) ?? "")
        ) {
            const handler = (outermost(parent).parentPath as NodePath<t.CallExpression>).get("arguments")[0];
            if (handler?.isFunction()) {
                name = elementName(handler.node.params[0], inPairs);
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
        else this.#onData(at, captured.value, captured.words.join("."));
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
            const part = obstacle(captured.value);
            const because =
                part && `, and "${[...captured.words, ...part.words].join(".")}" in it is ${describeValue(part.value)}`;
            this.#report(
                expression,
                `${name} is ${describeValue(captured.value)}${because ?? ""}, which exists only while deploying`,
                remedyFor(part ? part.value : captured.value),
            );
        } else {
            for (const each of Object.keys(captured.value as object)) {
                const part = this.#values.part(captured, each);
                if (part.kind === "data") this.#useData(part, expression);
                else if (part.kind === "mixture") this.#useWhole(part, expression);
                else {
                    this.#report(
                        expression,
                        `${name} is passed on as a whole, and "${part.words.join(".")}" in it is ${part.kind === "output" ? "an output" : "no data"}`,
                        part.kind === "output"
                            ? `Read its value: ${part.words.join(".")}.get()`
                            : "Name what is used, for example: queues.sales.send(x), or queues[name].send(x)",
                    );
                    return;
                }
            }
        }
    }
}
