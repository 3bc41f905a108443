import type { Declare } from "./declarations";
import { number, string } from "./expressions";
import { dataVariable, functionVariable, numberVariable } from "./variables";
import type { Writer } from "./writer";

/** What is counted while deploying stays there: only handlers count. */
function counted(name: string, w: Writer): string {
    w.isLate = true;
    return `${name}.count()`;
}

const classDeclaration: Declare = (w, exported) => {
    w.note("class");
    const parts = w.later(() =>
        w.within("function", () => [number(w, 1), number(w, 1), string(w, 1), number(w, 1)] as const),
    );
    const { text, cost, late } = parts;
    const atLoad = w.within("function", () => number(w, 1));
    const name = w.declare("class", {
        cost: cost * 2,
        late,
        reads: {
            number: (each, writer) =>
                writer.pick([
                    `new ${each}(3).sum(${number(writer, 1)})`,
                    `${each}.made`,
                    writer.atLoad ? `${each}.made` : counted(each, writer),
                    `new ${each}().own`,
                ]),
            string: (each) => `new ${each}().label`,
            any: (each) => `new ${each}()`,
        },
    });
    w.note("static and private members");
    return (
        `${exported}class ${name} {\nstatic made = ${atLoad};\nstatic #count = 0;\nstatic { this.#count = 5; }\n` +
        `static count() { return ++${name}.#count; }\n#hidden = ${text[0]};\nown = ${text[1]};\n` +
        `constructor(readonly given: number = 2) {}\nget label() { return ${text[2]}; }\n` +
        `sum(more: number) { return this.#hidden + this.own + this.given + more + ${text[3]}; }\n}\n`
    );
};

const derivedClass: Declare = (w, exported) => {
    w.note("class that extends another");
    const { text, cost, late } = w.later(() => w.within("function", () => number(w, 2)));
    // Babel takes `module {` for a block of a proposal.
    let base: string;
    do base = w.declare("class", { reads: {} });
    while (base === "module");
    const name = w.declare("class", {
        cost: cost + 1,
        late,
        reads: { number: (each) => `new ${each}().value()`, string: (each) => `new ${each}().named` },
    });
    return (
        `class ${base} { named = "base"; value() { return ${text}; } }\n` +
        `${exported}class ${name} extends ${base} { override value() { return super.value() + 1; } }\n`
    );
};

const namespaces: Declare = (w, exported) => {
    w.note("namespace");
    const value = number(w, 1);
    const { text, cost, late } = w.later(() => w.within("function", () => number(w, 1)));
    const name = w.declare("namespace", {
        cost,
        late,
        reads: { number: (each) => w.pick([`${each}.exact`, `${each}.read()`, `${each}.Inner.deep`]) },
    });
    return (
        `${exported}namespace ${name} {\nconst hidden = ${value};\nexport const exact = hidden + 1;\n` +
        `export function read() { return hidden + ${text}; }\nexport namespace Inner { export const deep = exact * 2; }\n}\n`
    );
};

const variableState: Declare = (w, exported) => {
    w.note("state in a variable");
    const start = number(w, 1);
    const state = w.declare("module variable", { reads: {} });
    const name = w.declare("module function", {
        late: true,
        reads: { number: (each, writer) => `${each}(${number(writer, 1)})` },
    });
    return (
        w.statement(`let ${state} = ${start}`) +
        w.pick([
            `${exported}function ${name}(more) { ${state} = ${state} + more; return ${state}; }\n`,
            w.statement(`${exported}const ${name} = (more) => (${state}++, ${state} += more)`),
        ])
    );
};

const objectState: Declare = (w, exported) => {
    w.note("state in an object");
    const value = number(w, 1);
    const state = w.declare("module variable", { reads: { number: (each) => `${each}.calls`, any: (each) => each } });
    const name = w.declare("module function", { late: true, reads: { number: (each) => `${each}()` } });
    return (
        w.statement(`const ${state} = { calls: ${value}, seen: [] as number[] }`) +
        w.statement(`${exported}const ${name} = () => (${state}.seen.push(${state}.calls), ++${state}.calls)`)
    );
};

/** One object under two names: what is changed by the one is seen by the other. */
const sharedState: Declare = (w, exported) => {
    w.note("object under two names");
    const value = number(w, 1);
    const first = w.declare("module variable", dataVariable());
    const second = w.declare("module variable", { late: true, reads: { number: (each) => `(++${each}.n)` } });
    return w.statement(`const ${first} = { n: ${value} }`) + w.statement(`${exported}const ${second} = ${first}`);
};

const mapState: Declare = (w, exported) => {
    w.note("state in a map");
    const map = w.global("Map");
    const state = w.declare("module variable", dataVariable());
    const name = w.declare("module function", {
        late: true,
        reads: { number: (each, writer) => `${each}(${string(writer, 1)})` },
    });
    return (
        w.statement(`const ${state} = new ${map}<string, number>()`) +
        `${exported}function ${name}(key) {\nconst count = (${state}.get(key) ?? 0) + 1;\n${state}.set(key, count);\nreturn count;\n}\n`
    );
};

const filled: Declare = (w, exported) => {
    w.note("filled by statements at module level");
    const map = w.global("Map");
    const values = [number(w, 1), string(w, 1)];
    const name = w.declare("module variable", {
        late: true,
        reads: { any: (each) => each, number: (each) => `${each}.size` },
    });
    const list = w.declare("module variable", { late: true, reads: { any: (each) => each } });
    return (
        w.statement(`${exported}const ${name} = new ${map}<any, any>()`) +
        w.statement(`const ${list}: any[] = []`) +
        w.statement(`${name}.set("k", ${values[0]})`) +
        `for (const each of [1, 2]) { ${name}.set(each, ${values[1]}); ${list}.push(each); }\n`
    );
};

const objectWithMethods: Declare = (w, exported) => {
    w.note("object with methods at module level");
    const value = number(w, 1);
    const { text, cost } = w.later(() => w.within("function", () => [number(w, 1), number(w, 1)] as const));
    const name = w.declare("module variable", {
        cost,
        late: true,
        reads: {
            number: (each) => w.pick([`${each}.next()`, `${each}.half`, `${each}.arrow(2)`]),
        },
    });
    return w.statement(
        `${exported}const ${name} = {\nown: ${value},\nnext() { return ++this.own + ${text[0]}; },\n` +
            `get half() { return this.own / 2; },\narrow: (n: number) => n + ${text[1]},\n}`,
    );
};

const closureState: Declare = (w, exported) => {
    w.note("state in a closure");
    const value = number(w, 1);
    const name = w.declare("module function", { late: true, reads: { number: (each) => `${each}()` } });
    return w.statement(`${exported}const ${name} = ((count) => () => (count += 1))(${value})`);
};

const made: Declare = (w, exported) => {
    w.note("object of a class of the program");
    const instance = w.read("any", (each) => each.reads.any?.("X", w) === "new X()");
    if (instance === undefined) return classDeclaration(w, exported);
    const variable = numberVariable({ reads: { number: (each) => `${each}.sum(1)`, any: (each) => each } });
    return w.statement(`${exported}const ${w.declare("module variable", variable)} = ${instance}`);
};

const asynchronous: Declare = (w, exported) => {
    w.note("async function");
    const { text, cost, late } = w.later(() => w.within("function", () => number(w, 2), true));
    const name = w.declare("module function", functionVariable(0, { cost, late, isAsync: true }));
    const wait = `await ${w.global("Promise")}.resolve()`;
    return `${exported}async function ${name}() { ${wait}; return ${text}; }\n`;
};

export const stateAndClasses: readonly Declare[] = [
    classDeclaration,
    derivedClass,
    namespaces,
    variableState,
    objectState,
    sharedState,
    mapState,
    filled,
    objectWithMethods,
    closureState,
    made,
    asynchronous,
];
