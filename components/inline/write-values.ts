import * as pulumi from "@pulumi/pulumi";
import type { ArtefactPlan } from "./artefact-plan";
import { type CapturedValue, describeValue } from "./captured-value";
import { isPlainContainer } from "./data";
import type { Location } from "./inline-error";
import type { Grant, PolicyStatement } from "./permissions";
import { hasRunTimeSide, runTimeSide } from "./run-time-side";
import { DataWriter, literalKey } from "./write-data";

/** An output that handlers read by themselves, not through a component's method. */
export interface OutputRead {
    /** The words of the program, such as `bucket.arn`. */
    readonly name: string;
    readonly output: pulumi.Output<unknown>;
    readonly at: readonly Location[];
}

/** The values of an artefact as a module, and what it takes to fill them. */
export interface WrittenValues {
    /** Text of an ES module. */
    readonly module: string;
    /** The name under which the module exports a captured value. */
    readonly names: ReadonlyMap<unknown, string>;
    readonly environment: Readonly<Record<string, pulumi.Input<string>>>;
    readonly grants: readonly Grant[];
    readonly reads: readonly OutputRead[];
}

/** True for what JSON brings back as it was. */
function isJson(value: unknown): boolean {
    if (typeof value === "number") return Number.isFinite(value);
    if (typeof value !== "object" || value === null) return typeof value !== "bigint" && typeof value !== "function";
    return isPlainContainer(value) && Object.values(value).every(isJson);
}

// A text that JSON could be mistaken for is quoted; any other stays readable in the console.
function encode(value: unknown): string {
    if (value === undefined) return "undefined";
    if (typeof value !== "string") return JSON.stringify(value) ?? "undefined";
    try {
        JSON.parse(value);
    } catch {
        return value === "undefined" ? JSON.stringify(value) : value;
    }
    return JSON.stringify(value);
}

/** The name by which the values module knows what was read from parameters: a variable of the code around the artefact. */
export const parametersVariable = "sortlineParameters";

const readers = `
const text = (name) => {
    const value = (typeof ${parametersVariable} === "undefined" ? undefined : ${parametersVariable}[name]) ?? process.env[name];
    if (value === undefined) throw new Error("the environment variable " + name + " is missing: deploy the function again");
    return value;
};
const decode = (value) => {
    if (value === "undefined") return undefined;
    try { return JSON.parse(value); } catch { return value; }
};
const output = (name) => ({ get: () => decode(text(name)) });
`;

function variableName(words: readonly string[]): string {
    const parts = words.map((word) =>
        word
            .replace(/([\p{Ll}\d])(\p{Lu})/gu, "$1_$2")
            .replace(/[^A-Za-z0-9]+/g, "_")
            .toUpperCase(),
    );
    // The prefix keeps clear of the names that Lambda and Node give a meaning to.
    return ["OUTPUT", ...parts].join("_").replace(/_+/g, "_");
}

/** The data among captured values and their parts. */
function dataOf(all: readonly CapturedValue[], seen = new Set<CapturedValue>()): unknown[] {
    return all.flatMap((captured) => {
        if (seen.has(captured)) return [];
        seen.add(captured);
        return captured.kind === "data" ? [captured.value] : dataOf([...captured.parts.values()], seen);
    });
}

class ValueWriter {
    readonly names = new Map<unknown, string>();
    readonly environment: Record<string, pulumi.Input<string>> = {};
    readonly reads: OutputRead[] = [];
    readonly #grants = new Map<PolicyStatement, { readonly because: Set<string>; readonly at: Location[] }>();
    readonly #lines: string[] = [];
    readonly #imports = new Map<string, string>();
    readonly #variables = new Map<string, unknown>();
    readonly #data: DataWriter;

    constructor(all: readonly CapturedValue[]) {
        this.#data = new DataWriter(dataOf(all));
    }

    write(captured: CapturedValue): string {
        const known = this.names.get(captured);
        if (known !== undefined) return known;
        const expression = this.#expression(captured);
        const name = `value${this.names.size}`;
        this.names.set(captured, name);
        this.#lines.push(`export const ${name} = ${expression};`);
        return name;
    }

    /** What the methods need, a statement that several of them share once. */
    grants(): Grant[] {
        return [...this.#grants].map(([statement, { because, at }]) => ({
            ...statement,
            because: [...because].join(", "),
            at,
        }));
    }

    #grant(statement: PolicyStatement, because: string, at: readonly Location[]): void {
        const known = this.#grants.get(statement) ?? { because: new Set<string>(), at: [] };
        known.because.add(because);
        known.at.push(...at);
        this.#grants.set(statement, known);
    }

    text(): string {
        const imports = [...this.#imports].map(([key, local]) => {
            const [module, method] = JSON.parse(key) as [string, string];
            return `import { ${method} as ${local} } from ${JSON.stringify(module)};`;
        });
        return [...imports, readers, ...this.#data.declarations, ...this.#lines].join("\n");
    }

    #expression(captured: CapturedValue): string {
        const { value, kind } = captured;
        if (kind === "data") return this.#data.write(value);
        // In the order of the program's object, which handlers can see in Object.keys.
        const order = typeof value === "object" && value !== null ? Object.keys(value) : [];
        const used = [...captured.parts].sort(([a], [b]) => order.indexOf(a) - order.indexOf(b));
        const parts = used.map(([name, part]) => `${literalKey(name)}: ${this.write(part)}`);
        if (kind === "output") {
            if (captured.whole || parts.length === 0)
                parts.unshift(`...output(${JSON.stringify(this.#outputVariable(captured))})`);
        } else if (kind === "component") parts.push(...this.#methods(captured));
        if (!Array.isArray(value)) return `{ ${parts.join(", ")} }`;
        return `Object.assign([], { ${parts.join(", ")} })`;
    }

    #outputVariable({ words, value, reads }: CapturedValue): string {
        const output = value as pulumi.Output<unknown>;
        this.reads.push({ name: words.join("."), output, at: reads });
        const text = output.apply((held) => {
            if (isJson(held)) return encode(held);
            throw new pulumi.RunError(
                `The output "${words.join(".")}" holds ${describeValue(held)}, which JSON does not bring back as it was, and a ` +
                    "handler reads outputs as JSON. Make plain data of it before: .apply((value) => …)",
            );
        });
        return this.#variable(words, value, text);
    }

    #variable(words: readonly string[], identity: unknown, value: pulumi.Input<string>): string {
        const base = variableName(words);
        for (let attempt = 1; ; attempt++) {
            const name = attempt === 1 ? base : `${base}_${attempt}`;
            if (this.#variables.has(name) && this.#variables.get(name) !== identity) continue;
            this.#variables.set(name, identity);
            this.environment[name] = value;
            return name;
        }
    }

    #methods({ value, methods, words }: CapturedValue): string[] {
        if (!hasRunTimeSide(value)) return [];
        const side = value[runTimeSide];
        return [...methods.keys()].sort().map((method) => {
            const needs = side.methods[method];
            if (!needs) throw new Error(`"${words.join(".")}" lost its method ${method}`);
            for (const statement of needs.statements) {
                this.#grant(statement, [...words, method].join("."), methods.get(method) ?? []);
            }
            const outputs = Object.entries(needs.outputs).map(([key, input]) => {
                const variable = this.#variable([...words, key], input, input);
                return `${literalKey(key)}: text(${JSON.stringify(variable)})`;
            });
            const key = JSON.stringify([side.module, method]);
            const factory = this.#imports.get(key) ?? `factory${this.#imports.size}`;
            this.#imports.set(key, factory);
            return `${literalKey(method)}: ${factory}({ ${outputs.join(", ")} })`;
        });
    }
}

/** Writes the module of an artefact's values. */
export function writeValues(plan: ArtefactPlan): WrittenValues {
    const all = [...plan.files.values(), ...plan.entries].flatMap(({ values }) => [...values.values()]);
    const writer = new ValueWriter(all);
    for (const captured of all) writer.write(captured);
    return {
        module: writer.text(),
        names: writer.names,
        environment: writer.environment,
        grants: writer.grants(),
        reads: writer.reads,
    };
}
