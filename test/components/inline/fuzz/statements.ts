import { functionOf, madeFunction, named, nameToCome } from "./closures";
import { condition, number, string } from "./expressions";
import { loops } from "./loops";
import { numberVariable, stringVariable } from "./variables";
import type { Writer } from "./writer";

type Emit = (w: Writer, depth: number) => string;

/** Statements of a function's body: a text of whole lines. */
export function statements(w: Writer, count: number, depth: number): string {
    let text = "";
    for (let index = 0; index < count; index++) text += w.pick(depth > 0 ? forms : simpleForms)(w, depth - 1);
    return text;
}

/** Statements in braces, in a scope of their own. */
export function block(w: Writer, depth: number, last: () => string = () => ""): string {
    return w.within("block", () => `{\n${statements(w, 1 + w.random.below(2), depth)}${last()}}`);
}

const keyword = (w: Writer): "const" | "let" => w.pick(["const", "let"]);

/** A variable declared at once, or `let` that is assigned later on. */
const declaration: Emit = (w, depth) => {
    if (w.chance(0.3)) {
        const value = string(w, depth);
        return w.statement(`${keyword(w)} ${w.declare("variable", stringVariable())} = ${value}`);
    }
    const value = number(w, depth);
    if (w.chance(0.5)) return w.statement(`const ${w.declare("variable", numberVariable())} = ${value}`);
    return w.statement(`let ${w.declare("variable", numberVariable({ assignable: true }))}: number = ${value}`);
};

const assignment: Emit = (w, depth) => {
    const name = w.assignable();
    if (name === undefined) return declaration(w, depth);
    w.note("assignment");
    const value = number(w, depth);
    return w.statement(
        w.pick([
            `${name} = ${value}`,
            `${name} += ${value}`,
            `${name} ??= ${value}`,
            `${name}++`,
            `[${name}] = [${value}]`,
            `({ k: ${name} } = { k: ${value} })`,
            `${name} ||= ${value}`,
        ]),
    );
};

const closure: Emit = (w, depth) => {
    w.note("local closure");
    const made = functionOf(w, { depth, isAsync: w.scope.isAsync && w.chance(0.3) });
    const name = w.declare("variable", madeFunction(made));
    return w.statement(`const ${name} = ${made.text}`);
};

/** A function that is called above its declaration. */
const hoisted: Emit = (w, depth) => {
    w.note("function called above its declaration");
    const made = functionOf(w, { depth, declared: nameToCome });
    const variable = madeFunction(made);
    const name = w.declare("function", variable);
    const use = (w.mayRead(variable) ? w.readOf(name, variable, "number") : undefined) ?? "0";
    const result = w.declare("variable", numberVariable());
    return `${w.statement(`const ${result} = ${use}`)}${named(made.text, name)}\n`;
};

const localClass: Emit = (w, depth) => {
    w.note("local class");
    const made = w.within("function", () => number(w, depth));
    const { text, cost, late } = w.later(() =>
        w.within("function", () => [number(w, depth), string(w, depth)] as const),
    );
    const name = w.declare("class", {
        cost,
        late,
        reads: {
            number: (each) => w.pick([`new ${each}(2).sum()`, `${each}.made`]),
            string: (each) => `new ${each}(1).label`,
        },
    });
    return `class ${name} {\nstatic made = ${made};\nlabel = ${text[1]};\nconstructor(readonly own: number) {}\nsum() { return this.own + ${text[0]}; }\n}\n`;
};

const destructuring: Emit = (w, depth) => {
    w.note("destructuring");
    const values = [number(w, depth), string(w, depth), number(w, depth)];
    const first = w.declare("destructured name", numberVariable());
    const second = w.declare("destructured name", stringVariable());
    const rest = w.declare("rest", { reads: { any: (name) => name } });
    return w.statement(
        w.pick([
            `const { k: ${first} = 1, m: { n: ${second} }, ...${rest} } = { k: ${values[0]}, m: { n: ${values[1]} }, o: ${values[2]} }`,
            `const [${first}, [${second}] = [""], ...${rest}] = [${values[0]}, [${values[1]}], ${values[2]}] as any`,
        ]),
    );
};

const attempt: Emit = (w, depth) => {
    w.note("catch clause");
    const thrown = number(w, depth);
    const result = w.declare("variable", { reads: {} });
    const inner = w.within("block", () => {
        const isPattern = w.chance(0.4);
        const name = w.declare(
            "catch clause",
            isPattern ? stringVariable() : { reads: { string: (each) => `${each}.message` } },
        );
        const caught = isPattern ? `{ message: ${name} }` : `${name}: any`;
        return w.within("block", () => {
            w.scope.taken.add(name);
            w.scope.reach(result);
            return `catch (${caught}) {\n${statements(w, 1, depth)}${w.statement(`${result} = ${string(w, 1)}.length`)}}`;
        });
    });
    const error = `new ${w.global("Error")}("thrown " + ${thrown})`;
    const last = w.chance(0.3) ? ` finally ${block(w, depth)}` : "";
    return `${w.statement(`let ${result} = 0`)}try { throw ${error}; } ${inner}${last}\n`;
};

const choice: Emit = (w, depth) => {
    w.note("switch");
    const subject = number(w, depth);
    const cases = w.within("block", () => {
        const first = block(w, depth);
        const value = number(w, depth);
        const name = w.declare("variable in a switch", numberVariable());
        return `case 1: ${first}\ndefault:\n${w.statement(`const ${name} = ${value}`)}${statements(w, 1, depth)}`;
    });
    return `switch (${subject}) {\n${cases}}\n`;
};

/** A closure with a variable that only it changes. */
const counter: Emit = (w, depth) => {
    w.note("local state changed by a closure");
    const start = number(w, depth);
    const state = w.declare("variable", { reads: {} });
    const name = w.declare("variable", { reads: { number: (each) => `${each}()` } });
    return w.statement(`let ${state} = ${start}`) + w.statement(`const ${name} = () => (${state} += 2)`);
};

const simpleForms: Emit[] = [declaration, declaration, assignment, destructuring, counter];

const forms: Emit[] = [
    declaration,
    declaration,
    declaration,
    assignment,
    assignment,
    counter,
    closure,
    closure,
    hoisted,
    localClass,
    destructuring,
    attempt,
    choice,
    ...loops,
    (w, depth) => {
        w.note("block scope");
        return `${block(w, depth)}\n`;
    },
    (w, depth) => `if (${condition(w)}) ${block(w, depth)} else ${block(w, depth)}\n`,
    (w) => {
        w.note("local enum");
        const name = w.declare("enum", {
            reads: { number: (each) => `${each}.B`, string: (each) => `${each}.S`, any: (each) => `${each}[1]` },
        });
        return `enum ${name} { A, B = 1, S = "${w.pick(["s", "t"])}" }\n`;
    },
    (w, depth) => {
        // Further in, the name could be one that is used or declared between here and the function.
        if (w.scope.parent?.kind !== "function" && w.scope.parent?.kind !== "callback") return declaration(w, depth);
        w.note("var declared in a block");
        const value = number(w, depth);
        const name = w.declare("var", numberVariable());
        return `{ var ${name} = ${value}; }\n`;
    },
];
