import { defaultValue, nestedClosures } from "./closures";
import { anything } from "./expressions";
import { statements } from "./statements";
import { numberVariable, stringVariable } from "./variables";
import type { Writer } from "./writer";

/** The parameters of a callback, which takes `{ n, s, list }`. */
function inputParameters(w: Writer): string {
    const whole = {
        number: (each: string) => w.pick([`${each}.n`, `${each}.list.length`, `${each}?.n`]),
        string: (each: string) => `${each}.s`,
        any: (each: string) => each,
    };
    return w.pick([
        () => `${w.declare("parameter", { reads: whole })}: any`,
        () => w.declare("parameter", { reads: whole }),
        () => {
            w.note("destructured parameter of a callback");
            const first = w.declare("destructured name", numberVariable({ assignable: true }));
            const second = w.declare("destructured name", stringVariable());
            return `{ n: ${first}, s: ${second} = "none" }: { n: number; s?: string }`;
        },
        () => {
            w.note("defaults and rest parameter of a callback");
            const first = w.declare("parameter", { reads: whole });
            const value = defaultValue(w);
            const second = w.declare("default parameter", numberVariable());
            const rest = w.declare("rest parameter", { reads: { number: (each) => `${each}.length` } });
            return `${first}: any, ${second} = ${value}, ...${rest}: unknown[]`;
        },
    ])();
}

/** A comment where nobody would look for one. */
function gap(w: Writer): string {
    if (!w.chance(0.15)) return "";
    w.note("comment in an odd place");
    return w.pick(["/* => { */", "/* async (x) => 1 */", "/*'*/", "/**/", '/* ` " */']);
}

/** What a callback answers: some values, and what closures in closures say. */
function answer(w: Writer): string {
    const values = Array.from({ length: 2 + w.random.below(3) }, () => anything(w, 2));
    if (w.chance(0.4)) values.push(nestedClosures(w, 2 + w.random.below(3), 1));
    return w.chance(0.3) ? `{ first: ${values[0]}, all: [${values.slice(1).join(", ")}] }` : `[${values.join(", ")}]`;
}

/** A callback, written as an expression or as a declaration of the given name. */
export function callback(w: Writer, declared?: string): string {
    const isAsync = w.chance(0.85);
    if (!isAsync) w.note("callback that is not async");
    const prefix = isAsync ? "async " : "";
    const write = () => {
        const style = declared === undefined ? w.pick(["arrow", "block", "block", "block", "expression"]) : "declared";
        const inner = () => w.within("callback", () => writeIn(style), isAsync);
        const writeIn = (form: string): string => {
            const given = inputParameters(w);
            const names = [...w.scope.variables.keys()];
            if (form === "arrow") {
                const value = answer(w);
                return `${prefix}${gap(w)}(${gap(w)}${given}${gap(w)}) ${gap(w)}=> ${gap(w)}${value.startsWith("{") ? `(${value})` : value}`;
            }
            const body = w.within("block", () => {
                for (const name of names) w.scope.taken.add(name);
                const lines = statements(w, 1 + w.random.below(3), 2);
                return `{\n${lines}${w.statement(`return ${answer(w)}`)}}`;
            });
            if (form === "block") return `${prefix}${gap(w)}(${given}) ${gap(w)}=> ${gap(w)}${body}`;
            const name = form === "declared" ? declared : own;
            return `${prefix}function ${gap(w)}${name}${gap(w)}(${form === "expression" && given !== "" ? `this: void, ${given}` : given}) ${body}`;
        };
        let own = "";
        if (style !== "expression") return inner();
        w.note("callback that is a function expression");
        return w.within("function", () => {
            if (w.chance(0.5)) own = w.declare("name of a function expression", { reads: {} });
            return inner();
        });
    };
    return w.later(write).text;
}
