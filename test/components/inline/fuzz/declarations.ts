import { functionOf, madeFunction, named, nameToCome, recursiveFunction } from "./closures";
import { number, numberLiteral, string } from "./expressions";
import { dataVariable, functionVariable, numberVariable, stringVariable } from "./variables";
import type { Writer } from "./writer";

/** Writes a declaration of a module; `exported` is the keyword to put before it, or nothing. */
export type Declare = (w: Writer, exported: string) => string;

const data = [
    "-0",
    "NaN",
    "-Infinity",
    "12345678901234567890n",
    "null",
    "undefined",
    "true",
    "[1, [2, , 3], [,]]",
    '{ a: { b: [{ c: "d" }] }, "e f": 1, 7: "seven" }',
    '{ ["__proto__"]: 1, constructor: 2 }',
    '"\\u2028 \\u2029 \\ud800 </script> \\0"',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: text of a program
    "`line\n${1 + 1}`",
    '["a", undefined, null, NaN]',
    "Object.freeze({ frozen: [1] })",
    "{ toString: undefined, get: 4, apply: 5 }",
    "1e300",
    "[]",
    "{}",
];

const instances = [
    'new Map<any, any>([["a", 1], [2, { b: 3 }]])',
    'new Set([1, "two", 3n])',
    "new Date(86400000)",
    "/a+(?<k>b)\\/[/]/giu",
    'new URL("https://example.org/a?b=c")',
    'Buffer.from("größe")',
    "new Uint8Array([1, 2, 255])",
    'Symbol("described")',
    "[new Map([[1, new Set([2])]]), new Date(5)]",
    'new Error("kept")',
];

/** The text with names of globals that mean them here too. */
function withGlobals(w: Writer, text: string): string {
    return text.replace(/\b(?:Map|Set|Date|URL|Buffer|Uint8Array|Symbol|Error|Object)\b(?=[(.<])/g, (name) =>
        w.global(name),
    );
}

const numberConstant: Declare = (w, exported) => {
    const value = number(w, 2);
    return w.statement(`${exported}const ${w.declare("module variable", numberVariable())} = ${value}`);
};

const stringConstant: Declare = (w, exported) => {
    const value = string(w, 2);
    return w.statement(`${exported}const ${w.declare("module variable", stringVariable())} = ${value}`);
};

const dataConstant: Declare = (w, exported) => {
    w.note("data");
    const value = withGlobals(w, w.pick(data));
    return w.statement(`${exported}const ${w.declare("module variable", dataVariable())}: any = ${value}`);
};

const instance: Declare = (w, exported) => {
    w.note("object of a built-in class");
    const value = withGlobals(w, w.pick(instances));
    return w.statement(`${exported}const ${w.declare("module variable", dataVariable())} = ${value}`);
};

const declaredFunction: Declare = (w, exported) => {
    w.note("function declaration");
    const made = functionOf(w, { depth: 2, declared: nameToCome, isAsync: w.chance(0.2) });
    return `${exported}${named(made.text, w.declare("module function", madeFunction(made)))}\n`;
};

const functionConstant: Declare = (w, exported) => {
    w.note("function in a constant");
    const made = functionOf(w, { depth: 2, isAsync: w.chance(0.2) });
    return w.statement(`${exported}const ${w.declare("module function", madeFunction(made))} = ${made.text}`);
};

const recursive: Declare = (w, exported) => {
    const name = w.declare("module function", { reads: {} });
    const { text, cost, late } = recursiveFunction(w, name, 1);
    w.scope.variables.set(name, functionVariable(1, { cost: cost * 4, late }));
    return `${exported}${text}\n`;
};

const mutual: Declare = (w, exported) => {
    w.note("mutual recursion");
    const base = w.later(() => w.within("function", () => number(w, 1)));
    const even = w.declare("module function", functionVariable(1, { cost: base.cost * 4, late: base.late }));
    const odd = w.declare("module function", functionVariable(1, { cost: base.cost * 4, late: base.late }));
    const test = (other: string, last: string) => `(n) => (n > 0 && n < 9 ? ${other}(n - 1) : ${last})`;
    return (
        w.statement(`${exported}const ${even} = ${test(odd, `${numberLiteral(w)} + (() => ${base.text})()`)}`) +
        w.statement(`const ${odd} = ${test(even, "-1")}`)
    );
};

const generator: Declare = (w, exported) => {
    w.note("generator");
    const { text, cost, late } = w.later(() => w.within("function", () => [number(w, 2), number(w, 1)] as const));
    const name = w.declare("module function", {
        cost: cost * 2,
        late,
        reads: { any: (each) => `[...${each}()]`, number: (each) => `(${each}().next().value as number)` },
    });
    return `${exported}function* ${name}() { yield ${text[0]}; yield* [${text[1]}, 1]; }\n`;
};

const enumeration: Declare = (w, exported) => {
    w.note("enum");
    const reads = {
        number: (each: string) => w.pick([`${each}.A`, `${each}["B"]`]),
        string: (each: string) => w.pick([`${each}.S`, `${each}[0]`]),
        any: (each: string) => each,
    };
    const name = w.declare("enum", { reads });
    const second = w.chance(0.4) ? `${exported}enum ${name} { C = 7 }\n` : "";
    if (second !== "") w.note("enum in two parts");
    return `${exported}enum ${name} { A, B = ${w.pick(["1 << 4", "-3", "A + 2"])}, S = "s" }\n${second}`;
};

const destructured: Declare = (w, exported) => {
    w.note("destructured constants");
    const values = [number(w, 1), string(w, 1)];
    const first = w.declare("module variable", numberVariable());
    const second = w.declare("module variable", stringVariable());
    const rest = w.declare("module variable", dataVariable());
    return w.statement(
        `${exported}const { a: ${first}, b: { c: ${second} = "none" }, ...${rest} } = { a: ${values[0]}, b: { c: ${values[1]} }, d: 1, e: [2] }`,
    );
};

/** A value that functions use above its declaration, which stands at the end of the file; they run later. */
const usedAbove: Declare = (w, exported) => {
    w.note("used above its declaration");
    const value = numberLiteral(w);
    const name = w.declare("module variable", numberVariable({ late: true }));
    const reader = w.declare("module function", functionVariable(0, { late: true }));
    w.deferred.push(w.statement(`const ${name} = ${value}`));
    return `${exported}function ${reader}() { return ${name}; }\n`;
};

export const declarations: readonly Declare[] = [
    numberConstant,
    numberConstant,
    stringConstant,
    dataConstant,
    dataConstant,
    instance,
    declaredFunction,
    declaredFunction,
    functionConstant,
    functionConstant,
    recursive,
    mutual,
    generator,
    enumeration,
    destructured,
    usedAbove,
];
