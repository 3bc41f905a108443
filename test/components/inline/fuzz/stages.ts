import { callback } from "./callbacks";
import { named, nameToCome } from "./closures";
import type { DeploymentNames } from "./deployment";
import { number, numberLiteral, string } from "./expressions";
import { statements } from "./statements";
import { dataVariable, numberVariable, stringVariable } from "./variables";
import type { Writer } from "./writer";

/** Writes statements of the program that pass one callback or more to stages of the given line. */
type Stage = (w: Writer, line: string, name: string, names: DeploymentNames) => string;

const travelling = { travels: true };

const plain: Stage = (w, line, name) => w.statement(`${line}.stage("${name}", ${callback(w)})`);

const several: Stage = (w, line, name) => {
    w.note("several callbacks of a stage");
    return w.statement(
        `${line}.stage("${name}", ${callback(w)}, { key: ${callback(w)}, "other one": ${callback(w)} })`,
    );
};

const byConstant: Stage = (w, line, name) => {
    w.note("callback in a constant");
    const text = callback(w);
    const local = w.declare("module function", { reads: {} });
    return w.statement(`const ${local} = ${text}`) + w.statement(`${line}.stage("${name}", ${local})`);
};

const byDeclaration: Stage = (w, line, name) => {
    w.note("callback that is declared below");
    const text = callback(w, nameToCome);
    const local = w.declare("module function", { reads: {} });
    return `${w.statement(`${line}.stage("${name}", ${local})`)}${named(text, local)}\n`;
};

/** Statements of an enclosing function that run before the stage. */
const before = (w: Writer): string => {
    const lines = statements(w, w.random.below(2), 2);
    const value = number(w, 1);
    const name = w.declare("variable of a factory", numberVariable(travelling));
    const extra = w.declare("variable of a factory", dataVariable(travelling));
    return lines + w.statement(`const ${name} = ${value}`) + w.statement(`const ${extra} = { list: [${name}, ["x"]] }`);
};

const inFactory: Stage = (w, line, name, { Depot, pulumi }) => {
    w.note("factory with parameters");
    const local = w.declare("module function", { reads: {} });
    w.scope.reach(line);
    const depotClass = w.chance(0.4) ? Depot : undefined;
    const text = w.within("function", () => {
        for (const each of [line, Depot, pulumi]) w.scope.reach(each);
        const stage = w.declare("parameter of a factory", stringVariable(travelling));
        const first = w.declare("parameter of a factory", numberVariable(travelling));
        const second = w.declare("parameter of a factory", dataVariable(travelling));
        const body = w.within("block", () => {
            for (const each of [stage, first, second, line, Depot, pulumi]) w.scope.reach(each);
            let lines = before(w);
            if (depotClass !== undefined) {
                w.note("component of a factory");
                const reads = { string: (each: string) => `(await ${each}.send(1))` };
                const made = w.declare("variable of a factory", { reads, awaits: true, late: true, travels: true });
                lines += w.statement(`const ${made} = new ${depotClass}(${stage})`);
            }
            if (w.chance(0.3)) {
                w.note("output of a factory");
                const reads = { any: (each: string) => `${each}.get()` };
                const value = number(w, 1);
                const made = w.declare("variable of a factory", { reads, late: true, travels: true });
                lines += w.statement(`const ${made} = ${pulumi}.output([${value}])`);
            }
            return `{\n${lines}${w.statement(`${line}.stage(${stage}, ${callback(w)})`)}}`;
        });
        return `(${stage}: string, ${first}: number, ${second}: any) ${body}`;
    });
    const use = (turn: number) =>
        w.statement(
            `${local}("${name}-${turn}", ${number(w, 1)}, ${w.pick(["[1, { a: 2 }]", "undefined", '"text"'])})`,
        );
    return `function ${local}${text}\n${use(0)}${w.chance(0.5) ? use(1) : ""}`;
};

const returned: Stage = (w, line, name) => {
    w.note("factory that returns a callback");
    const local = w.declare("module function", { reads: {} });
    const text = w.within("function", () => {
        const first = w.declare("parameter of a factory", numberVariable(travelling));
        return `(${first}: number) => ${callback(w)}`;
    });
    const [one, two] = [number(w, 1), number(w, 1)];
    return (
        w.statement(`const ${local} = ${text}`) +
        w.statement(`${line}.stage("${name}", ${local}(${one}), { key: ${local}(${two}) })`)
    );
};

const inLoop: Stage = (w, line, name) => {
    w.note("stages in a loop");
    return w.within("block", () => {
        w.scope.reach(line);
        const kind = w.pick(["of", "in", "for"]);
        const variable = kind === "in" ? stringVariable(travelling) : numberVariable(travelling);
        const values = [numberLiteral(w), numberLiteral(w)];
        const each = w.declare("loop variable", variable);
        const head = {
            of: `for (const ${each} of [${values.join(", ")}])`,
            in: `for (const ${each} in { north: 1, south: 2 })`,
            for: `for (let ${each} = 0; ${each} < 2; ${each}++)`,
        }[kind];
        const body = w.within("block", () => {
            w.scope.reach(line);
            w.scope.reach(each);
            return `{\n${before(w)}${w.statement(`${line}.stage("${name}-" + ${each}, ${callback(w)})`)}}`;
        });
        return `${head} ${body}\n`;
    });
};

const inBlock: Stage = (w, line, name) => {
    w.note("stage in a block");
    return w.within("block", () => {
        w.scope.reach(line);
        return w.pick([
            () => `{\n${before(w)}${w.statement(`${line}.stage("${name}", ${callback(w)})`)}}\n`,
            () => `if (1 < 2) {\n${before(w)}${w.statement(`${line}.stage("${name}", ${callback(w)})`)}}\n`,
            () => {
                w.note("stage in a catch clause");
                const error = w.declare("catch clause", stringVariable(travelling));
                return `try { throw "thrown"; } catch (${error}: any) {\n${w.within("block", () => {
                    w.scope.taken.add(error);
                    w.scope.reach(line);
                    return w.statement(`${line}.stage("${name}", ${callback(w)})`);
                })}}\n`;
            },
        ])();
    });
};

const inObject: Stage = (w, line, name) => {
    w.note("callback in an object");
    const texts = [callback(w), callback(w)];
    const local = w.declare("module variable", { reads: {} });
    return (
        w.statement(`const ${local} = { first: ${texts[0]}, more: { second: ${texts[1]} } }`) +
        w.statement(`${line}.stage("${name}", ${local}.first, { key: ${local}.more.second })`)
    );
};

const onOneLine: Stage = (w, line, name) => {
    w.note("several callbacks on a line");
    const arrow = () =>
        w.later(() =>
            w.within(
                "callback",
                () => {
                    const input = w.declare("parameter", {
                        reads: { number: (each) => `${each}.n`, string: (each) => `${each}.s` },
                    });
                    return `async (${input}: any) => [${number(w, 1)}, ${string(w, 1)}]`;
                },
                true,
            ),
        ).text;
    return `${line}.stage("${name}a", ${arrow()}, { key: ${arrow()} }); ${line}.stage("${name}b", ${arrow()});\n`;
};

const inClass: Stage = (w, line, name) => {
    w.note("callback of a class");
    const text = w.within("function", () => callback(w));
    const local = w.declare("class", { reads: {} });
    return `class ${local} {\nstatic handle = ${text};\n}\n${w.statement(`${line}.stage("${name}", ${local}.handle)`)}`;
};

const cast: Stage = (w, line, name) => {
    w.note("callback with a cast");
    return w.statement(`${line}.stage("${name}", (${callback(w)}) as any satisfies unknown)`);
};

export const stages: readonly Stage[] = [
    plain,
    plain,
    several,
    byConstant,
    byDeclaration,
    inFactory,
    inFactory,
    returned,
    inLoop,
    inBlock,
    inBlock,
    inObject,
    onOneLine,
    inClass,
    cast,
];
