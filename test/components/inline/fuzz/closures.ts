import { anything, number, numberLiteral } from "./expressions";
import { statements } from "./statements";
import { functionVariable, numberVariable } from "./variables";
import type { Writer } from "./writer";

/** Stands for the name of a function in its text: which names are free is known once the text is written. */
export const nameToCome = "\0";

/** The text with the name that was to come. */
export const named = (text: string, name: string): string => text.replaceAll(nameToCome, () => name);

export interface FunctionOptions {
    readonly depth: number;
    /** Called where it stands: what it costs is the caller's. */
    readonly isInline?: boolean;
    /** A declaration of this name, in place of an expression. */
    readonly declared?: string;
    readonly isAsync?: boolean;
}

/** The value of a parameter that is left out: `await` may not stand there. */
export const defaultValue = (w: Writer): string => w.within("block", () => number(w, 1), false);

/** Parameters that take numbers, with what may follow them. */
export function parameters(w: Writer, plain: number): string {
    const texts: string[] = [];
    for (let index = 0; index < plain; index++) {
        const name = w.declare("parameter", numberVariable({ assignable: true }));
        texts.push(w.chance(0.3) ? `${name}: number` : name);
    }
    if (w.chance(0.25)) {
        w.note("default parameter that uses outer names");
        const value = defaultValue(w);
        texts.push(`${w.declare("default parameter", numberVariable())} = ${value}`);
    }
    if (w.chance(0.2)) {
        w.note("destructured parameter");
        const values = [defaultValue(w), defaultValue(w)];
        const first = w.declare("destructured name", numberVariable());
        const second = w.declare("destructured name", numberVariable());
        texts.push(
            w.pick([
                `{ k: ${first}, m: ${second} = 1 } = { k: ${values[0]}, m: ${values[1]} }`,
                `[${first}, , ${second} = 2] = [${values.join(", ")}]`,
                `{ k: { m: ${first} }, ["length"]: ${second} }: any = { k: { m: ${values[0]} }, length: ${values[1]} }`,
            ]),
        );
    }
    if (w.chance(0.15)) {
        w.note("rest parameter");
        const rest = w.declare("rest parameter", { reads: { number: (name) => `${name}.length` } });
        texts.push(`...${rest}`);
    }
    return texts.join(", ");
}

/** The body of a function in braces, that returns a number or what `answer` writes. */
export function body(w: Writer, depth: number, names: readonly string[], answer: () => string): string {
    const write = () => {
        const lines = statements(w, w.random.below(depth + 1), depth);
        return `{\n${lines}${w.statement(`return ${answer()}`)}}`;
    };
    // Parameters have a scope of their own, in which defaults do not see the body's variables.
    return w.within("block", () => {
        for (const name of names) w.scope.taken.add(name);
        return write();
    });
}

/** A function of numbers that returns one. */
export function functionOf(w: Writer, options: FunctionOptions) {
    const { depth, isInline = false, declared } = options;
    const isAsync = options.isAsync ?? false;
    const arity = w.random.below(3);
    const write = () =>
        w.within(
            "function",
            () => {
                const style =
                    declared === undefined ? w.pick(["arrow", "arrow", "block", "expression"]) : "declaration";
                const prefix = isAsync ? "async " : "";
                let own = declared ?? "";
                if (style === "expression" && w.chance(0.5)) {
                    w.note("named function expression");
                    own = w.declare("name of a function expression", {
                        reads: { string: (name) => `(typeof ${name})` },
                    });
                }
                return w.within(
                    "function",
                    () => {
                        const text = parameters(w, arity);
                        const all = [...w.scope.variables.keys()];
                        if (style === "arrow") return `${prefix}(${text}) => ${number(w, depth)}`;
                        const inner = body(w, depth, all, () => number(w, depth));
                        if (style === "block") return `${prefix}(${text}) => ${inner}`;
                        return `${prefix}function ${own}(${text}) ${inner}`;
                    },
                    isAsync,
                );
            },
            isAsync,
        );
    if (isInline) return { text: write(), parameters: Array.from({ length: arity }), cost: 0, late: false, isAsync };
    return { ...w.later(write), parameters: Array.from({ length: arity }), isAsync };
}

/** A function that calls itself, some times. */
export function recursiveFunction(w: Writer, name: string, depth: number) {
    w.note("recursion");
    return w.later(() =>
        w.within("function", () => {
            w.scope.reach(name);
            const count = w.declare("parameter", numberVariable());
            const steps = w.repeated(4, () => number(w, depth));
            return `function ${name}(${count}) { return ${count} > 0 && ${count} < 5 ? ${name}(${count} - 1) + ${steps} : ${numberLiteral(w)}; }`;
        }),
    );
}

/** The variable that a function's declaration makes. */
export function madeFunction(made: ReturnType<typeof functionOf>) {
    return functionVariable(made.parameters.length, { cost: made.cost, late: made.late, isAsync: made.isAsync });
}

/** Closures that return closures, called level by level. */
export function nestedClosures(w: Writer, levels: number, depth: number): string {
    w.note("closures in closures");
    const write = (level: number): string =>
        w.within("function", () => {
            const name = w.declare("parameter", numberVariable());
            const inner = level > 1 ? write(level - 1) : `[${anything(w, depth)}, ${name}, ${number(w, depth)}]`;
            return `(${name}) => ${inner}`;
        });
    const given = Array.from({ length: levels }, () => `(${number(w, 1)})`);
    return `(${write(levels)})${given.join("")}`;
}
