import { Random } from "../../../random";
import { type Declare, declarations } from "./declarations";
import { type DeploymentNames, deploymentDeclarations } from "./deployment";
import {
    cycle,
    dynamicImport,
    exportedNames,
    exportList,
    imports,
    type Module,
    reexports,
    specifierOf,
} from "./modules";
import type { Variable } from "./scope";
import { stages } from "./stages";
import { stateAndClasses } from "./state-and-classes";
import { dataVariable } from "./variables";
import { Writer } from "./writer";

/** What a callback is given. */
export interface Input {
    readonly n: number;
    readonly s: string;
    readonly list: readonly number[];
}

/** A program that follows from its seed. */
export interface GeneratedProgram {
    readonly seed: number;
    /** Text of each file, by its path in the program's folder. */
    readonly files: ReadonlyMap<string, string>;
    /** The file to load. */
    readonly entry: string;
    /** Handed one after another to every callback. */
    readonly inputs: readonly Input[];
    /** How often each feature occurs in its text. */
    readonly features: ReadonlyMap<string, number>;
}

const general: readonly Declare[] = [...declarations, ...stateAndClasses];

class ProgramWriter {
    readonly features = new Map<string, number>();
    readonly random: Random;
    readonly #w: Writer;
    readonly #files = new Map<string, string>();
    readonly #modules: Module[] = [];
    readonly #isModule: boolean;

    constructor(readonly seed: number) {
        this.random = new Random(seed);
        this.#w = new Writer(this.random, this.features);
        this.#isModule = this.random.chance(0.15);
    }

    write(): GeneratedProgram {
        const w = this.#w;
        const entry = "index.ts";
        if (this.#isModule) w.note("ES modules");
        this.#files.set("package.json", JSON.stringify({ name: "fuzz", type: this.#isModule ? "module" : "commonjs" }));
        if (w.chance(0.25)) this.#addCycle();
        if (!this.#isModule && w.chance(0.2)) this.#addJson();
        for (const path of ["first.ts", "lib/second.ts", "lib/index.ts", "value.ts"].slice(0, w.random.below(5)))
            this.#addModule(path);
        this.#addEntry(entry);
        const inputs = Array.from({ length: 2 }, () => ({
            n: w.pick([0, 1, 2, 5, -1, 0.25]),
            s: w.pick(["", "a", "abc", "größe", "x/y"]),
            list: Array.from({ length: w.random.below(3) }, () => w.random.below(9)),
        }));
        return { seed: this.seed, files: this.#files, entry, inputs, features: this.features };
    }

    #addCycle(): void {
        for (const { text, ...module } of cycle(this.#w, "even.ts", "lib/odd.ts", this.#isModule)) {
            this.#files.set(module.path, text);
            this.#modules.push(module);
        }
    }

    #addJson(): void {
        this.#w.note("JSON file");
        this.#files.set("data.json", '{ "list": [1, null, "größe"], "a b": { "c": 0.5 } }\n');
        this.#modules.push({ path: "data.json", exports: new Map([["default", dataVariable()]]) });
    }

    /** Imports at the head of a file, and the code that its deployment takes. */
    #head(path: string, deploys: boolean): { text: string; forms: readonly Declare[]; names?: DeploymentNames } {
        const w = this.#w;
        let text = "";
        for (const module of this.#modules) {
            if (w.chance(0.35)) continue;
            const specifier = specifierOf(w, path, module.path, this.#isModule);
            if (module.path.endsWith(".json")) {
                text += w.statement(`import ${w.declare("import", dataVariable())} from ${JSON.stringify(specifier)}`);
                continue;
            }
            text += imports(w, module, specifier);
            if (w.chance(0.25)) {
                dynamicImport(w, module, specifier);
                // Compilers leave out imports that nothing uses, and what is not loaded has no values yet.
                text += w.statement(`import ${JSON.stringify(specifier)}`);
            }
        }
        if (!deploys) return { text, forms: general };
        w.note(path === "index.ts" ? "program" : "file that deploys");
        const local = () => w.declare("import", { reads: {} });
        const names = { pulumi: local(), Depot: local(), Line: local() };
        text += w.statement(`import * as ${names.pulumi} from "@pulumi/pulumi"`);
        text += w.statement(`import { Depot as ${names.Depot}, Line as ${names.Line} } from "fuzz-components"`);
        return { text, forms: [...general, ...deploymentDeclarations(names, this.#isModule)], names };
    }

    /** Declarations, some of them exported where they stand. */
    #declarations(forms: readonly Declare[], count: number): string {
        const w = this.#w;
        let text = "";
        for (let left = count; left > 0; left--) text += w.pick(forms)(w, w.chance(0.4) ? "export " : "");
        return text;
    }

    #addModule(path: string): void {
        const w = this.#w;
        w.startFile();
        const exports = new Map<string, Variable>();
        // What an ES module holds cannot be seen from outside, but for what is imported of it.
        const { text: head, forms } = this.#head(path, !this.#isModule && w.chance(0.5));
        let text = head + this.#declarations(forms, 3 + w.random.below(4));
        for (const name of exportedNames(text)) {
            const variable = w.scope.variables.get(name);
            if (variable === undefined) continue;
            w.note("export at the declaration");
            exports.set(name, variable);
        }
        text += exportList(w, exports);
        for (const module of this.#modules) {
            if (module.path.endsWith(".json") || !w.chance(0.3)) continue;
            text += reexports(w, module, specifierOf(w, path, module.path, this.#isModule), exports);
        }
        text += `export interface Unused { a: number }\n${w.deferred.join("")}`;
        this.#files.set(path, this.#laidOut(text));
        if (exports.size > 0) this.#modules.push({ path, exports });
    }

    #addEntry(path: string): void {
        const w = this.#w;
        w.startFile();
        const { text: head, forms, names } = this.#head(path, true);
        if (!names) throw new Error("a program deploys");
        const line = w.declare("module variable", { reads: {} });
        let text = head + w.statement(`const ${line} = new ${names.Line}("line")`);
        const count = 2 + w.random.below(2);
        for (let stage = 0; stage < count; stage++) {
            text += this.#declarations(forms, 2 + w.random.below(3));
            w.scope.reach(line);
            text += w.pick(stages)(w, line, `s${stage}`, names);
        }
        this.#files.set(path, this.#laidOut(text + w.deferred.join("")));
    }

    /** The text with this file's line ends. */
    #laidOut(text: string): string {
        const w = this.#w;
        let result = text;
        if (w.chance(0.15)) {
            w.note("lines that end with CR LF");
            result = result.replaceAll("\n", "\r\n");
        }
        if (w.chance(0.1)) {
            w.note("no line end at the end");
            result = result.trimEnd();
        }
        if (w.chance(0.06)) {
            w.note("byte order mark");
            result = `\uFEFF${result}`;
        }
        return result;
    }
}

/** Writes the program of a seed. */
export function generate(seed: number): GeneratedProgram {
    return new ProgramWriter(seed).write();
}
