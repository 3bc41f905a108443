import type { Declare } from "./declarations";
import { number, numberLiteral } from "./expressions";
import type { Variable } from "./scope";
import { dataVariable, numberVariable, stringVariable } from "./variables";
import type { Writer } from "./writer";

/** What exists only while deploying, as a file imports it. */
export interface DeploymentNames {
    readonly pulumi: string;
    readonly Depot: string;
    readonly Line: string;
}

// Handlers read outputs; the program itself cannot.
const late = { late: true, travels: true };

const components: Partial<Variable> = { awaits: true, ...late };

function sendTo(w: Writer, depot: string): string {
    return `await ${depot}.${w.pick(["send", "fetch"])}(${numberLiteral(w)})`;
}

/** Data, outputs and components that come about while deploying, and code that must be left out of artefacts. */
export function deploymentDeclarations(
    { pulumi, Depot, Line }: DeploymentNames,
    isModule: boolean,
): readonly Declare[] {
    // What only code of module level uses is seen where it is exported, and in an ES module not at all.
    const setting: Declare = (w) => {
        w.note("setting");
        const seen = { travels: true, late: isModule };
        const config = w.declare("module variable", { reads: {} });
        const [read, variable] = w.pick([
            [`${config}.getNumber("number") ?? 5`, numberVariable(seen)],
            [`${config}.require("text")`, stringVariable(seen)],
            [`${config}.getObject<any>("object")`, dataVariable(seen)],
            [`(${config}.get("missing") ?? "by default").split(" ")`, dataVariable(seen)],
            [`{ flag: ${config}.getBoolean("flag"), none: ${config}.get("missing") }`, dataVariable(seen)],
        ] as const);
        return (
            w.statement(`const ${config} = new ${pulumi}.Config("fuzz")`) +
            w.statement(`export const ${w.declare("module variable", variable)} = ${read}`)
        );
    };

    const output: Declare = (w, exported) => {
        w.note("output");
        const value = number(w, 1);
        const [made, reads] = w.pick([
            [`${pulumi}.output(${value})`, { number: (each: string) => `${each}.get()` }],
            [
                `${pulumi}.output({ a: { b: ${value} }, list: [1, "x"] })`,
                {
                    any: (each: string) => w.pick([`${each}.get()`, `${each}.a.get()`, `${each}.list.get()`]),
                    number: (each: string) => w.pick([`${each}.a.b.get()`, `${each}.get().a.b`, `${each}?.a.b.get()`]),
                },
            ],
            [`${pulumi}.output("text {}" as string)`, { string: (each: string) => `${each}.get()` }],
            [`${pulumi}.interpolate\`x-\${${value}}\``, { string: (each: string) => `${each}.get().slice(0, 9)` }],
            [
                `${pulumi}.output([1, 2]).apply((each) => each.map((n) => n * 2))`,
                { any: (each: string) => `${each}.get()` },
            ],
            [`${pulumi}.output("12")`, { any: (each: string) => `${each}.get()` }],
            [`${pulumi}.output<any>(undefined)`, { any: (each: string) => `${each}.get()` }],
        ] as const);
        const variable: Variable = { reads, ...late };
        return w.statement(`${exported}const ${w.declare("module variable", variable)} = ${made}`);
    };

    const component: Declare = (w, exported) => {
        w.note("component");
        const reads = {
            string: (each: string) => w.pick([`(${sendTo(w, each)})`, `${each}.url.get()`]),
            any: (each: string) => `await ${each}.send("p")`,
        };
        const name = w.declare("module variable", { reads, ...components });
        return w.statement(`${exported}const ${name} = new ${Depot}("d${w.random.below(100)}")`);
    };

    const records: Declare = (w, exported) => {
        w.note("record of components");
        const reads = {
            string: (each: string) =>
                w.pick([
                    `(${sendTo(w, `${each}.north`)})`,
                    `(${sendTo(w, `${each}["south"]`)})`,
                    `(${sendTo(w, `${each}[${w.pick(['"north"', '"south"'])} as "north"]`)})`,
                ]),
            any: (each: string) =>
                // By another way, the analysis does not see that the elements are listed.
                w.global("Object") !== "Object"
                    ? `await ${each}.north.send("o")`
                    : w.pick([
                          `(await ${w.global("Promise")}.all(Object.values(${each}).map((depot) => depot.send("q"))))`,
                          `Object.keys(${each})`,
                      ]),
        };
        const name = w.declare("module variable", { reads, ...components });
        const depot = (direction: string) => `${direction}: new ${Depot}("${direction}${w.random.below(9)}")`;
        return w.statement(`${exported}const ${name} = { ${depot("north")}, ${depot("south")} }`);
    };

    const mixture: Declare = (w, exported) => {
        w.note("object with data, outputs and components");
        const value = number(w, 1);
        const reads = {
            number: (each: string) => w.pick([`${each}.data`, `${each}.out.get()`, `${each}.more.list.length`]),
            string: (each: string) => `(${sendTo(w, `${each}.depot`)})`,
        };
        const name = w.declare("module variable", { reads, ...components });
        return w.statement(
            `${exported}const ${name} = { data: ${value}, out: ${pulumi}.output(${value}), depot: new ${Depot}("m"), more: { list: [1, 2] } }`,
        );
    };

    const leftOut: Declare = (w) => {
        w.note("code to be left out");
        const value = number(w, 1);
        const variable = { reads: {} };
        return w.pick([
            () =>
                w.statement(
                    `${w.declare("module variable", variable) && ""}new ${Line}("unused").use({ value: ${value} })`,
                ),
            () =>
                w.statement(`export const unused${w.random.below(1e6)} = ${pulumi}.output(${value}).apply((n) => [n])`),
            () => {
                const inner = w.within("function", () => number(w, 2));
                const name = w.declare("class", variable);
                return `class ${name} extends ${pulumi}.ComponentResource {\nconstructor(n: string) { super("test:index:Own", n); this.registerOutputs({ v: ${inner} }); }\n}\n${w.statement(`new ${name}("own")`)}`;
            },
            () => {
                const name = w.declare("module function", variable);
                return `function ${name}(n: string) { return new ${Depot}(n); }\n${w.statement(`${name}("left").rename("out")`)}`;
            },
            () => `if (${pulumi}.getStack() !== "") { new ${Line}("conditional").use([${value}]); }\n`,
        ])();
    };

    return [setting, output, output, component, records, mixture, leftOut, leftOut];
}
