import assert from "node:assert/strict";
import { captures } from "./fixtures/captures";
import { entriesOf, programs, refusedInPrograms } from "./fixtures/programs/table";
import { refusals } from "./fixtures/refusals/load";
import { warnings } from "./fixtures/warnings";

/** What is promised about captures: each construct has at least this many entries in the tables. */
const fewest = 4;
const promised = {
    works: [
        "arrow function",
        "function expression",
        "named function",
        "function of another file",
        "factory",
        "loop",
        "class",
        "component",
        "exported constant",
        "named import",
        "default import",
        "namespace import",
        "export * chain",
        "JSON",
        "dynamic import",
        "CommonJS package",
        "paths of tsconfig.json",
        "imports of package.json",
        "ES module program",
        "CommonJS program",
        "program compiled by tsc to CommonJS",
        "program compiled by tsc to ES modules",
        "program compiled by esbuild to CommonJS",
        "program compiled by esbuild to ES modules",
        "program in Pulumi's own loader",
        "package that wraps ours",
        "package that wraps ours, of ES modules",
        "top-level await",
        "enum",
        "decorator",
        "older decorators",
        "generator",
        "async iterator",
        "#private",
        "Map",
        "Set",
        "Date",
        "RegExp",
        "BigInt",
        "Buffer",
        "typed array",
        "cyclic data",
        "shared data",
        "undefined",
        "NaN",
        "-0",
        "output",
        "component in a handler",
        "record of components",
        "array of components",
        "partitionBy",
        "policy",
    ],
    isRefused: [
        "deploy-only package",
        "secret as plain data",
        "output without .get()",
        "native addon",
        "variable written later",
        "code from a string",
        "method reference",
        "class instance as data",
        "component as a whole",
        "data that cannot be taken",
        "what cannot stand alone",
    ],
    isWarnedOf: ["environment at deployment", "differs from run to run", "path of this machine"],
};

type Table = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

describe("The tables of captures have entries enough:", () => {
    const ofPrograms = Object.entries(programs).map(([construct, { program }]) => [
        construct,
        Object.fromEntries(entriesOf(program).map((name) => [name, name])),
    ]);
    const refusedEntries = { ...refusals, "top-level await": refusedInPrograms };
    const tables: Record<keyof typeof promised, Table> = {
        works: { ...captures, ...Object.fromEntries(ofPrograms) },
        isRefused: refusedEntries,
        isWarnedOf: warnings,
    };
    const sizes = (table: Table) => Object.values(table).map((entries) => Object.keys(entries).length);
    const sum = (numbers: readonly number[]) => numbers.reduce((all, each) => all + each, 0);

    for (const [what, constructs] of Object.entries(promised)) {
        it(`at least ${fewest} for each construct that ${what}`, () => {
            const table = tables[what as keyof typeof promised];
            const few = constructs.filter((each) => Object.keys(table[each] ?? {}).length < fewest);
            assert.deepEqual(few, []);
        });
    }

    it("at least 80 that work, and 30 that are refused", () => {
        assert.ok(sum(sizes(tables.works)) - Object.keys(refusedInPrograms).length >= 80);
        assert.ok(sum(sizes(tables.isRefused)) >= 30);
    });
});
