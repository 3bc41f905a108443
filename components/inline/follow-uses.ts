import type { NodePath } from "@babel/traverse";
import type * as t from "@babel/types";
import { aliasesOf, usesOfName } from "./aliases";
import { type CapturedValue, type CapturedValues, kindOf } from "./captured-value";
import { dataProblem } from "./data-problem";
import { isCall, isMember, isOnlyTested, type Member, outermost, propertyOf } from "./expressions";
import type { ProblemWords } from "./inline-error";
import { elementsOf, elementsOfArray, elementVariable, type ListedElements } from "./listed-elements";
import type { Planning } from "./planning";
import { hasRunTimeSide, runTimeSide } from "./run-time-side";
import * as problems from "./use-problems";

/** Takes data that is going to be part of an artefact, and the first place that uses it. */
export type OnData = (at: NodePath<t.Node>, value: unknown, name: string) => void;

/** The run-time methods of a component; undefined for any other value. */
function runTimeMethods({ kind, value }: CapturedValue): object | undefined {
    return kind === "component" && hasRunTimeSide(value) ? value[runTimeSide].methods : undefined;
}

/** Follows what handlers do with captured values, and enters in each what they need of it. */
export class UseFollower {
    readonly #planning: Planning;
    readonly #values: CapturedValues;
    readonly #onData: OnData;
    readonly #followed = new Map<CapturedValue, Set<t.Node>>();

    /** `onData` is told of data that is taken along, once each. */
    constructor(planning: Planning, values: CapturedValues, onData: OnData) {
        this.#planning = planning;
        this.#values = values;
        this.#onData = onData;
    }

    /** `path` is an expression whose value is the captured one. */
    follow(captured: CapturedValue, path: NodePath<t.Node>): void {
        const followed = this.#followed.get(captured) ?? new Set<t.Node>();
        if (followed.has(path.node)) return;
        this.#followed.set(captured, followed.add(path.node));
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
        if (this.#followAliases(captured, expression)) return;
        if (captured.kind === "output") {
            this.#report(path, problems.outputNotRead(captured));
            return;
        }
        const elements = elementsOf(captured, expression);
        if (elements) this.#followElements(captured, elements);
        else if (!isOnlyTested(expression)) this.#useWhole(captured, expression);
    }

    /** `use` is `exports.name`, whose value is `value`. */
    followExport(all: CapturedValue, name: string, value: unknown, use: NodePath<t.Node>): void {
        const part = all.parts.get(name) ?? this.#values.enter(value, [name]);
        all.parts.set(name, part);
        this.follow(part, use);
    }

    #report(at: NodePath<t.Node>, { what, remedy }: ProblemWords): void {
        this.#planning.report(at, what, remedy);
    }

    // Properties

    #followMember(captured: CapturedValue, member: Member): void {
        const name = propertyOf(member);
        if (name !== undefined) this.#followProperty(captured, name, member);
        else if (captured.kind !== "mixture") this.#report(member, problems.unknownProperty(captured));
        else {
            for (const each of Object.keys(captured.value as object))
                this.follow(this.#values.part(captured, each), member);
        }
    }

    #followProperty(captured: CapturedValue, name: string, member: Member): void {
        const { value, kind } = captured;
        const methods = runTimeMethods(captured);
        if (methods && Object.hasOwn(methods, name)) {
            this.#checkCall(captured, name, member);
            this.#useMethod(captured, name, member);
        } else if (kind === "output") this.#followOutputProperty(captured, name, member);
        else if (Array.isArray(value) && !Object.hasOwn(value, name)) {
            const elements = elementsOfArray(value, member);
            if (elements) this.#followElements(captured, elements);
            else if (name !== "length") this.#useWhole(captured, member);
            else for (const each of Object.keys(value)) this.#values.part(captured, each);
        } else {
            let child: unknown;
            try {
                child = (value as Readonly<Record<string, unknown>>)[name];
            } catch (error) {
                this.#report(member, problems.unreadableProperty(captured, name, error));
                return;
            }
            if (typeof child === "function" && kindOf(child) === "other")
                this.#report(member, problems.functionOfDeployment(captured, name));
            else this.follow(this.#values.part(captured, name), member);
        }
    }

    #followOutputProperty(output: CapturedValue, name: string, member: Member): void {
        if (name === "get") {
            this.#checkCall(output, name, member);
            output.whole = true;
            output.reads.push(this.#planning.locate(member));
        } else if (name === "apply" || name === "isSecret" || name === "isKnown")
            this.#report(member, problems.outputMethodOfDeployment(output, name));
        else this.follow(this.#values.part(output, name), member);
    }

    #useMethod(component: CapturedValue, name: string, at: NodePath<t.Node>): void {
        const places = component.methods.get(name) ?? [];
        component.methods.set(name, [...places, this.#planning.locate(at)]);
    }

    /** A method that is passed on is no longer seen with its object, by people and by this analysis. */
    #checkCall(captured: CapturedValue, method: string, member: Member): void {
        const expression = outermost(member);
        const parent = expression.parentPath;
        if (isCall(parent) && parent.node.callee === expression.node) return;
        this.#report(member, problems.methodPassedOn(captured, method));
    }

    // Other names

    #followAliases(captured: CapturedValue, expression: NodePath<t.Node>): boolean {
        const declaration = aliasesOf(expression);
        if (!declaration) return false;
        const methods = runTimeMethods(captured);
        for (const { name, property } of declaration.aliases) {
            if (property === undefined) return this.#followName(captured, name, declaration.path);
            if (methods && Object.hasOwn(methods, property)) this.#useMethod(captured, property, declaration.path);
            else this.#followName(this.#values.part(captured, property), name, declaration.path);
        }
        return true;
    }

    #followName(captured: CapturedValue, name: string, at: NodePath<t.Node>): boolean {
        const uses = usesOfName(name, at);
        for (const use of uses ?? []) this.follow(captured, use);
        return uses !== undefined;
    }

    #followElements(captured: CapturedValue, elements: ListedElements): void {
        const parts = elements.names.map((name) => this.#values.part(captured, name));
        const variable = elementVariable(elements);
        if (variable === "none" || !elements.list) return;
        if (variable && parts.every((part) => this.#followName(part, variable.name, variable.at))) return;
        this.#useWhole(captured, outermost(elements.list));
    }

    // Whole values

    #useData(captured: CapturedValue, at: NodePath<t.Node>): void {
        if (captured.whole) return;
        captured.whole = true;
        const problem = dataProblem(captured.value);
        const name = captured.words.join(".");
        if (problem) this.#planning.report(at, `"${name}" ${problem.what}`, problem.remedy);
        else this.#onData(at, captured.value, name);
    }

    #useWhole(captured: CapturedValue, expression: NodePath<t.Node>): void {
        if (captured.kind === "component") this.#report(expression, problems.componentAsWhole(captured));
        else if (captured.kind === "resource") this.#report(expression, problems.resourceAsWhole(captured));
        else if (captured.kind === "other") this.#report(expression, problems.valueOfDeployment(captured));
        else {
            for (const each of Object.keys(captured.value as object)) {
                const part = this.#values.part(captured, each);
                if (part.kind === "data") this.#useData(part, expression);
                else if (part.kind === "mixture") this.#useWhole(part, expression);
                else {
                    this.#report(expression, problems.mixtureAsWhole(captured, part));
                    return;
                }
            }
        }
    }
}
