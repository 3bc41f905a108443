import { parse } from "@babel/parser";
import { getOuterBindingIdentifiers } from "@babel/types";
import { functionOf, madeFunction, named, nameToCome } from "./closures";
import { number } from "./expressions";
import { isName } from "./names";
import type { Shape, Variable } from "./scope";
import { dataVariable, functionVariable } from "./variables";
import type { Writer } from "./writer";

/** A file of a generated program, as far as other files see it. */
export interface Module {
    /** Path in the program's folder. */
    readonly path: string;
    readonly exports: ReadonlyMap<string, Variable>;
}

const asWritten = (name: string): string => (isName(name) ? name : JSON.stringify(name));

/** How one file names another. */
export function specifierOf(w: Writer, from: string, to: string, isModule: boolean): string {
    const up = "../".repeat(from.split("/").length - 1);
    const way = up === "" ? "./" : up;
    if (to.endsWith(".json")) return `${way}${to}`;
    const bare = to.replace(/\.ts$/, "");
    if (isModule) return `${way}${bare}.js`;
    if (bare.endsWith("/index") && w.chance(0.5)) {
        w.note("import of a folder");
        return `${way}${bare.slice(0, -"/index".length)}`;
    }
    return `${way}${bare}${w.pick(["", "", ".js"])}`;
}

/** Another file's variable, as an import sees it. */
const imported = ({ assignable, ...rest }: Variable): Variable => rest;

/** A namespace's variable: its reads are those of some of its members. */
export function namespaceVariable(w: Writer, exports: ReadonlyMap<string, Variable>): Variable {
    const members = [...exports].filter(([name, each]) => !each.hidden && name !== "default");
    const wanted = members.filter(([, each]) => !each.late);
    const chosen = wanted.length > 0 && w.chance(0.5) ? wanted : members;
    const member = (name: string, reference: string) =>
        isName(name) ? `${reference}.${name}` : `${reference}[${JSON.stringify(name)}]`;
    const reads: Variable["reads"] = {};
    for (const shape of ["number", "string", "any"] as const satisfies readonly Shape[]) {
        const able = chosen.filter(([, each]) => each.reads[shape]);
        if (able.length === 0) continue;
        reads[shape] = (reference, writer) => {
            const [name, variable] = writer.pick(able);
            return variable.reads[shape]?.(member(name, reference), writer) ?? "0";
        };
    }
    return {
        reads,
        cost: Math.max(1, ...chosen.map(([, each]) => each.cost ?? 1)),
        late: chosen.some(([, each]) => each.late),
        awaits: chosen.some(([, each]) => each.awaits),
    };
}

/** Imports of a file from another one: whole lines. */
export function imports(w: Writer, module: Module, specifier: string): string {
    const from = JSON.stringify(specifier);
    const named = (count: number) => {
        const items: string[] = [];
        for (let index = 0; index < count; index++) {
            const [name, variable] = w.pick([...module.exports]);
            const local = w.declare("import", imported(variable));
            if (name === "default") w.note("default import by name");
            w.note("named import");
            items.push(name === local ? local : `${asWritten(name)} as ${local}`);
        }
        return `{ ${items.join(", ")}${w.chance(0.2) ? `, type Unused as Unused${w.random.below(1e9)}` : ""} }`;
    };
    const byDefault = module.exports.get("default");
    const start = () => {
        if (!byDefault || w.chance(0.4)) return "";
        w.note("default import");
        return `${w.declare("import", imported(byDefault))}, `;
    };
    return w.pick([
        () => w.statement(`import ${start()}${named(1 + w.random.below(3))} from ${from}`),
        () => w.statement(`import ${start()}${named(1 + w.random.below(3))} from ${from}`),
        () => {
            w.note("namespace import");
            const variable = namespaceVariable(w, module.exports);
            return w.statement(`import ${start()}* as ${w.declare("import", variable)} from ${from}`);
        },
        () => {
            w.note("import for its effects");
            return w.statement(`import ${from}`);
        },
        () => {
            w.note("type import");
            return (
                w.statement(`import type { Unused as Unused${w.random.below(1e9)} } from ${from}`) +
                w.statement(`import ${named(1)} from ${from}`)
            );
        },
    ])();
}

/** A module reached by `import()` in what runs later. */
export function dynamicImport(w: Writer, module: Module, specifier: string): void {
    const variable = namespaceVariable(w, module.exports);
    const reads: Variable["reads"] = {};
    for (const shape of ["number", "string", "any"] as const) {
        const read = variable.reads[shape];
        if (!read) continue;
        reads[shape] = (_, writer) => {
            writer.note("dynamic import");
            return read(`(await import(${JSON.stringify(specifier)}))`, writer);
        };
    }
    w.scope.variables.set(`import(${specifier})`, { ...variable, reads, awaits: true, late: true });
}

/** What a file exports of another: whole lines; the names go into `exports`. */
export function reexports(w: Writer, module: Module, specifier: string, exports: Map<string, Variable>): string {
    const from = JSON.stringify(specifier);
    return w.pick([
        () => {
            w.note("re-export");
            const [name, variable] = w.pick([...module.exports]);
            const as = freeName(w, exports);
            exports.set(as, imported(variable));
            return w.statement(`export { ${asWritten(name)} as ${asWritten(as)} } from ${from}`);
        },
        () => {
            w.note("export of a namespace");
            const as = freeName(w, exports);
            exports.set(as, namespaceVariable(w, module.exports));
            return w.statement(`export * as ${asWritten(as)} from ${from}`);
        },
        () => {
            // A name that two files export would be nobody's.
            if (w.exportsEverything) return "";
            w.exportsEverything = true;
            w.note("export of everything");
            for (const [name, variable] of module.exports)
                if (name !== "default" && !exports.has(name)) exports.set(name, imported(variable));
            return w.statement(`export * from ${from}`);
        },
    ])();
}

function freeName(w: Writer, exports: ReadonlyMap<string, Variable>): string {
    for (;;) {
        const name = w.pick([
            "a",
            "b",
            "value",
            "name",
            "data",
            "handler",
            "output",
            "adapt",
            "limit",
            "x y",
            "größe",
            "value0",
            "of",
            "e1",
            "e2",
            "e3",
            "then1",
        ]);
        if (!exports.has(name)) return name;
    }
}

/** The names that declarations in a text export where they stand. */
export function exportedNames(text: string): readonly string[] {
    const { program } = parse(text, { sourceType: "module", plugins: ["typescript"] });
    return program.body.flatMap((statement) => {
        const declaration = statement.type === "ExportNamedDeclaration" ? statement.declaration : undefined;
        if (!declaration) return [];
        const isTypeScript = declaration.type === "TSEnumDeclaration" || declaration.type === "TSModuleDeclaration";
        if (isTypeScript) return declaration.id.type === "Identifier" ? [declaration.id.name] : [];
        return Object.keys(getOuterBindingIdentifiers(declaration));
    });
}

/** Exports of what a file declares, apart from its declarations: whole lines. */
export function exportList(w: Writer, exports: Map<string, Variable>): string {
    const usable = [...w.scope.variables].filter(
        ([name, each]) => isName(name) && !each.hidden && Object.keys(each.reads).length > 0,
    );
    let text = "";
    const items: string[] = [];
    for (let index = 0; index < Math.min(usable.length, 3); index++) {
        const [local, variable] = w.pick(usable);
        const as = freeName(w, exports);
        w.note("export under another name");
        exports.set(as, imported(variable));
        items.push(`${local} as ${asWritten(as)}`);
    }
    if (items.length > 0) text += w.statement(`export { ${items.join(", ")} }`);
    if (exports.has("default") || w.chance(0.4)) return text;
    w.note("default export");
    const made = () => functionOf(w, { depth: 2, declared: "" });
    return (
        text +
        w.pick([
            () => {
                const value = number(w, 2);
                exports.set("default", dataVariable({ reads: { number: (each) => each } }));
                return w.statement(`export default ${value}`);
            },
            () => {
                w.note("default export without a name");
                const each = made();
                exports.set("default", madeFunction(each));
                return `export default ${each.text}\n`;
            },
            () => {
                const each = functionOf(w, { depth: 2, declared: nameToCome });
                exports.set("default", madeFunction(each));
                return `export default ${named(each.text, w.declare("module function", madeFunction(each)))}\n`;
            },
            () => {
                w.note("default export without a name");
                const each = functionOf(w, { depth: 2 });
                exports.set("default", madeFunction(each));
                return w.statement(
                    `export default ${each.text.startsWith("function") || each.text.startsWith("async function") ? `(${each.text})` : each.text}`,
                );
            },
            () => {
                const fitting = usable.filter(([, each]) => each.reads.number);
                if (fitting.length === 0) return "";
                const [local, variable] = w.pick(fitting);
                exports.set("default", imported(variable));
                return w.chance(0.5) && !variable.late
                    ? w.statement(`export default ${local}`)
                    : w.statement(`export { ${local} as default }`);
            },
            () => {
                w.note("default export of a class");
                const { text: own, cost, late } = w.later(() => w.within("function", () => number(w, 2)));
                exports.set("default", { cost, late, reads: { number: (each) => `new ${each}().get()` } });
                return `export default class { get() { return ${own}; } }\n`;
            },
        ])()
    );
}

/** Two files that import each other, with a function each that calls the other. */
export function cycle(
    w: Writer,
    first: string,
    second: string,
    isModule: boolean,
): readonly (Module & { text: string })[] {
    w.note("files that import each other");
    return [[first, second] as const, [second, first] as const].map(([path, other], turn) => {
        const outer = w.scope;
        w.scope = w.newModuleScope();
        const variable = functionVariable(1, { cost: 10, late: true });
        const local = w.declare("import", { reads: {} });
        const own = w.declare("module function", variable);
        const text =
            w.statement(
                `import { turn${1 - turn} as ${local} } from ${JSON.stringify(specifierOf(w, path, other, isModule))}`,
            ) +
            `function ${own}(n: number): number { return n > 0 && n < 9 ? ${local}(n - 1) + ${turn} : ${turn}; }\n` +
            w.statement(`export { ${own} as turn${turn} }`);
        w.scope = outer;
        return { path, exports: new Map([[`turn${turn}`, variable]]), text };
    });
}
