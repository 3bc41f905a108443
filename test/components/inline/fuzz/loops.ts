import { condition, number, string } from "./expressions";
import { block, statements } from "./statements";
import { numberVariable, stringVariable } from "./variables";
import type { Writer } from "./writer";

type Emit = (w: Writer, depth: number) => string;

/** A loop that gathers closures over its variables, and what they say afterwards. */
function gathering(
    w: Writer,
    depth: number,
    head: (declare: () => string) => string,
    more: Parameters<Writer["declare"]>[1],
) {
    w.note("closures over a loop's variable");
    const list = w.declare("variable", { reads: {} });
    const loop = w.repeated(3, () =>
        w.within("block", () => {
            w.scope.reach(list);
            let name = "";
            const text = head(() => {
                name = w.declare("loop variable", more);
                return name;
            });
            const body = w.within("block", () => {
                for (const each of [list, name]) w.scope.reach(each);
                const before = statements(w, w.random.below(2), depth);
                const closure = w.within(
                    "function",
                    () => `() => ${number(w, depth)} + ${w.readOf(name, more, "number")}`,
                );
                return `{\n${before}${w.statement(`${list}.push(${closure})`)}}`;
            });
            return `${text} ${body}\n`;
        }),
    );
    const sum = w.declare("variable", numberVariable());
    return (
        w.statement(`const ${list}: (() => number)[] = []`) +
        loop +
        w.statement(`const ${sum} = ${list}.reduce((all, each) => all + each(), 0)`)
    );
}

/** Statements that repeat. */
export const loops: readonly Emit[] = [
    (w, depth) => {
        w.note("for");
        return gathering(
            w,
            depth,
            (declare) => {
                const name = declare();
                return `for (let ${name} = 0; ${name} < 3; ${name}++)`;
            },
            numberVariable(),
        );
    },
    (w, depth) => {
        w.note("for of");
        return gathering(
            w,
            depth,
            (declare) => {
                const values = [number(w, 1), number(w, 1)];
                return `for (const ${declare()} of [${values.join(", ")}])`;
            },
            numberVariable(),
        );
    },
    (w, depth) => {
        w.note("for in");
        return gathering(
            w,
            depth,
            (declare) => {
                const value = number(w, 1);
                return `for (const ${declare()} in { k: ${value}, mm: 1 })`;
            },
            stringVariable(),
        );
    },
    (w, depth) => {
        w.note("label");
        const start = w.declare("variable", { reads: {} });
        // A label has a name of its own, which may be a variable's.
        const label = w.chance(0.6) && !w.labels.includes(start) ? start : `outer${w.labels.length}`;
        if (label === start) w.note("label named as a variable");
        w.labels.push(label);
        const inner = w.repeated(3, () => block(w, depth, () => w.statement(`if (${condition(w)}) continue ${label}`)));
        w.labels.pop();
        return (
            w.statement(`let ${start} = 0`) +
            `${label}: while (${start}++ < 3) { for (;;) { ${inner} break ${label}; } }\n`
        );
    },
    (w, depth) => {
        if (!w.scope.isAsync) return w.statement(string(w, 0) === "" ? "''" : `void ${number(w, depth)}`);
        w.note("for await");
        return gathering(
            w,
            depth,
            (declare) => {
                const value = number(w, depth);
                return `for await (const ${declare()} of (async function* () { yield 1; yield ${value}; })())`;
            },
            numberVariable(),
        );
    },
];
