import { functionOf } from "./closures";
import { numberVariable, stringVariable } from "./variables";
import type { Writer } from "./writer";

type Emit = (w: Writer, depth: number) => string;

const numbers = ["0", "1", "2", "3", "7", "10", "0.5", "1_000", "0x1f", "1e3", "-4", "0b11"];
const strings = [
    '"a"',
    "'b'",
    '"quo\\"te"',
    '"line\\n"',
    "'é'",
    '"数"',
    "`plain`",
    '"\\u2028"',
    '""',
    '"$&"',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: text of a program
    "'${a}'",
];

/** A number that is written down. */
export const numberLiteral = (w: Writer): string => w.pick(numbers);

/** An expression that yields a number. */
export function number(w: Writer, depth = 2): string {
    if (depth <= 0 || w.chance(0.4)) return (w.chance(0.75) ? w.read("number") : undefined) ?? numberLiteral(w);
    return w.pick(numberForms)(w, depth - 1);
}

/** An expression that yields a short string. */
export function string(w: Writer, depth = 2): string {
    if (depth <= 0 || w.chance(0.4)) return (w.chance(0.75) ? w.read("string") : undefined) ?? w.pick(strings);
    return w.pick(stringForms)(w, depth - 1);
}

/** An expression that yields true or false. */
export function condition(w: Writer, depth = 1): string {
    return w.pick([
        () => `${number(w, depth)} ${w.pick(["<", ">=", "===", "!=="])} ${number(w, depth)}`,
        () => `${string(w, depth)} ${w.pick(["<", "===", "!=="])} ${string(w, depth)}`,
        () => `!${parenthesised(number(w, depth))}`,
        () => `${string(w, depth)}.length % 2 === 0`,
    ])();
}

/** Any value, for an answer: numbers and strings mostly, and data as it is. */
export function anything(w: Writer, depth = 2): string {
    const draw = w.random.next();
    if (draw < 0.4) return number(w, depth);
    if (draw < 0.65) return string(w, depth);
    return w.read("any") ?? number(w, depth);
}

function parenthesised(text: string): string {
    return `(${text})`;
}

/** A function called where it stands. */
function calledAtOnce(w: Writer, depth: number): string {
    w.note("function called at once");
    const made = functionOf(w, { depth, isInline: true });
    return `(${made.text})(${made.parameters.map(() => number(w, depth - 1)).join(", ")})`;
}

const over = (w: Writer, write: (name: string) => string): string =>
    w.repeated(2, () =>
        w.within("function", () => {
            w.note("closure passed to a method");
            return write(w.declare("parameter", numberVariable()));
        }),
    );

const listOf = (w: Writer, depth: number): string => `[${number(w, depth)}, ${number(w, depth)}]`;

const numberForms: Emit[] = [
    (w, depth) => `(${number(w, depth)} ${w.pick(["+", "-", "*"])} ${number(w, depth)})`,
    (w, depth) => `(${condition(w, depth)} ? ${number(w, depth)} : ${number(w, depth)})`,
    (w, depth) => `${w.global("Math")}.max(${number(w, depth)}, ${number(w, depth)})`,
    (w, depth) => `${string(w, depth)}.length`,
    calledAtOnce,
    calledAtOnce,
    (w, depth) => {
        w.note("comma");
        return `(${string(w, depth)}, ${number(w, depth)})`;
    },
    (w, depth) => {
        w.note("optional chaining");
        return w.pick([
            () => `(${string(w, depth)}?.length ?? ${number(w, depth)})`,
            () => `(({ v: ${number(w, depth)} })?.v ?? 0)`,
            () => `([${number(w, depth)}].at?.(0) ?? -1)`,
        ])();
    },
    (w, depth) => {
        w.note("spread");
        return `${w.global("Math")}.min(...${listOf(w, depth)}, ...[${number(w, depth)}])`;
    },
    (w, depth) => {
        const list = listOf(w, depth);
        return `${list}.map(${over(w, (name) => `(${name}) => ${number(w, depth)}`)}).length`;
    },
    (w, depth) => {
        const list = listOf(w, depth);
        const closure = w.within("function", () => {
            const first = w.declare("parameter", numberVariable());
            const second = w.declare("parameter", numberVariable());
            return w.repeated(2, () => `(${first}, ${second}) => ${first} + ${second} * ${number(w, depth)}`);
        });
        return `${list}.reduce(${closure}, ${number(w, depth)})`;
    },
    (w, depth) => {
        w.note("object with a getter");
        const inside = w.within("function", () => number(w, depth));
        return `({ get got() { return ${inside}; } }).got`;
    },
    (w, depth) => {
        w.note("object with a method that uses this");
        const own = number(w, depth);
        const method = w.within("function", () => {
            const name = w.declare("parameter", numberVariable());
            return `add(${name}) { return this.own + ${name} + ${number(w, depth)}; }`;
        });
        return `({ own: ${own}, ${method} }).add(${number(w, depth)})`;
    },
    (w, depth) => {
        w.note("class expression with a private field");
        const [field, body] = w.within("function", () => [number(w, depth), number(w, depth)]);
        return `new (class { #own = ${field}; get() { return this.#own + ${body}; } })().get()`;
    },
    (w, depth) => {
        w.note("generator expression");
        const [first, second] = w.within("function", () => [number(w, depth), number(w, depth)]);
        return `[...(function* () { yield ${first}; yield ${second}; })()].length`;
    },
    (w, depth) => {
        w.note("map made in place");
        return `(new ${w.global("Map")}([["k", ${number(w, depth)}]]).get("k") ?? 0)`;
    },
    (w, depth) => {
        w.note("regular expression");
        return `(${string(w, depth)}.match(${w.pick(["/[a-c]/g", "/\\/\\//u", "/[/\\]]+/", "/(?<k>.)/"])})?.length ?? 0)`;
    },
    (w, depth) => {
        w.note("cast");
        return w.pick([
            () => `(${number(w, depth)} as number)`,
            () => `(${number(w, depth)} satisfies number)`,
            () => `(${number(w, depth)} as unknown as number)!`,
        ])();
    },
];

const stringForms: Emit[] = [
    (w, depth) => `(${string(w, depth)} + ${string(w, depth)}).slice(0, 8)`,
    (w, depth) => `${w.global("String")}(${number(w, depth)})`,
    (w, depth) => `(${condition(w, depth)} ? ${string(w, depth)} : ${string(w, depth)})`,
    (w, depth) => `(typeof ${w.read("any") ?? number(w, depth)})`,
    (w, depth) => {
        w.note("template literal");
        return `\`<\${${string(w, depth)}}, \${${number(w, depth)}}>\`.slice(0, 12)`;
    },
    (w, depth) => {
        w.note("tagged template");
        const tag = w.within("function", () => {
            const texts = w.declare("parameter", { reads: {} });
            const rest = w.declare("rest parameter", { reads: { any: (name) => name } });
            return `((${texts}, ...${rest}) => ${texts}.raw.join("|") + ${rest}.length + ${string(w, depth)})`;
        });
        return `${tag}\`a\${${number(w, depth)}}\\n\${${string(w, depth)}}\``;
    },
    (w, depth) => {
        const text = string(w, depth);
        const closure = w.within("function", () => {
            const name = w.declare("parameter", stringVariable());
            return w.repeated(4, () => `(${name}) => ${name} + ${string(w, depth)}`);
        });
        return `[...${text}].map(${closure}).join("").slice(0, 10)`;
    },
    (w, depth) => {
        w.note("computed key");
        return `${w.global("Object")}.keys({ [${string(w, depth)}]: ${number(w, depth)}, k: 1 }).join()`;
    },
    (w, depth) => `${w.global("JSON")}.stringify([${number(w, depth)}, ${string(w, depth)}])`,
];
