import { isDeepStrictEqual } from "node:util";
import type { JsonSchema } from "../schema";
import { compareArrays } from "./arrays";
import { all, breaks, each, type Finding, fits, type Result, uncertain, undecided } from "./finding";
import { type JsonType, type Kind, kindsOf, type TypeKind, type ValuesKind } from "./kinds";
import { compareObjects, propertyIn } from "./objects";
import { compareNumbers, compareStrings } from "./scalars";
import { isObject, namedSchemas, referredTo, type Schema, saysTheSame, schemasIn, textsIn } from "./schema";
import { type Validity, validityIn } from "./validity";

/** What the parts of a comparison share. */
export interface Comparison {
    readonly oldRoot: JsonSchema;
    readonly newRoot: JsonSchema;
    readonly oldValidity: Validity;
    readonly newValidity: Validity;
    /** Counts steps. False once there were too many, so that it cannot be decided. */
    spend(steps: number): boolean;
    /** Does the work, or takes a pair that is under way already to fit: values are finite where schemas refer to themselves. */
    once(pair: string, work: () => Result): Result;
    /** Compares what several old schemas allow together with one new schema. */
    compare(old: readonly Schema[], next: Schema, path: string): Result;
}

/** So many steps are taken; what takes more cannot be decided. */
const maxSteps = 20_000;

/**
 * What of the new schema does not take every record that the old one takes. None: whatever fits the old schema fits the
 * new one, but for fields that neither schema names: a field that the old schema does not name is taken to be in no
 * record, unless the old schema says what such fields hold.
 */
export function breakingChanges(oldRoot: JsonSchema, newRoot: JsonSchema): readonly Finding[] {
    const assumed = new Set<string>();
    let steps = 0;
    const comparison: Comparison = {
        oldRoot,
        newRoot,
        oldValidity: validityIn(oldRoot),
        newValidity: validityIn(newRoot),
        spend: (count) => {
            steps += count;
            return steps <= maxSteps;
        },
        compare(old, next, path) {
            if (next === true || old.some((one) => saysTheSame(one, oldRoot, next, newRoot))) return fits;
            if (!comparison.spend(1)) return undecided(path, "is too complex to be compared");
            return comparison.once(JSON.stringify([old, next]), () => {
                const kinds = kindsOf(old, oldRoot, comparison.oldValidity);
                if (kinds === undefined) return undecided(path, "has too many alternatives to be compared");
                return each(kinds.map((kind) => compareKind(kind, next, path, comparison)));
            });
        },
        once(pair, work) {
            if (assumed.has(pair)) return fits;
            assumed.add(pair);
            try {
                return work();
            } finally {
                assumed.delete(pair);
            }
        },
    };
    return comparison.compare([oldRoot], newRoot, "data").findings;
}

function compareKind(kind: Kind, next: Schema, path: string, comparison: Comparison): Result {
    const result =
        kind.values === undefined
            ? compareType(kind, next, path, comparison)
            : compareValues(kind, next, path, comparison);
    return kind.approximate ? uncertain(result) : result;
}

function compareValues({ values }: ValuesKind, next: Schema, path: string, comparison: Comparison): Result {
    const judged = values.map((value) => ({ value, valid: comparison.newValidity.isValid(value, [next]) }));
    if (judged.some(({ valid }) => valid === undefined)) return undecided(path, "has a schema that cannot be used");
    const refused = judged.filter(({ valid }) => valid === false).map(({ value }) => JSON.stringify(value));
    if (refused.length === 0) return fits;
    const shown = refused.length > 5 ? [...refused.slice(0, 5), "…"] : refused;
    return breaks(
        path,
        `${shown.join(", ")} ${refused.length === 1 ? "was" : "were"} allowed, ${refused.length === 1 ? "is" : "are"} not`,
        refused.length === values.length,
    );
}

function compareType(kind: TypeKind, next: Schema, path: string, comparison: Comparison): Result {
    if (next === true) return fits;
    if (next === false) return breaks(path, "was allowed, is not", true);
    const again = (schema: Schema) => compareType(kind, schema, path, comparison);
    const results: Result[] = [];
    if (typeof next.$ref === "string") results.push(compareReference(kind, next.$ref, path, comparison));
    results.push(...schemasIn(next.allOf).map(again));
    if (Array.isArray(next.anyOf)) results.push(compareAlternatives(kind, next.anyOf, path, comparison));
    if (Array.isArray(next.oneOf)) results.push(compareExclusive(kind, next.oneOf, path, comparison));
    if (next.not !== undefined) results.push(compareNegation(kind, next.not as Schema, path, comparison));
    results.push(...withoutRules(kind, next, path));
    const typed = compareTypes(kind, next, path);
    results.push(typed);
    if (typed.none) return all(results);
    const { type } = kind;
    if ("const" in next || Array.isArray(next.enum)) {
        const allowed = "const" in next ? [next.const] : (next.enum as readonly unknown[]);
        const values = allowed.slice(0, 5).map((value) => JSON.stringify(value));
        const none = !allowed.some(
            (value) => comparison.oldValidity.isValid(value, [...kind.constraints, { type }]) !== false,
        );
        results.push(
            breaks(path, `was any ${type}, is ${values.join(" or ")}${allowed.length > 5 ? " or …" : ""}`, none),
        );
    }
    if (type === "number" || type === "integer") results.push(compareNumbers(kind, next, path));
    if (type === "string") results.push(compareStrings(kind, next, path, comparison));
    if (type === "array") results.push(compareArrays(kind, next, path, comparison));
    if (type === "object") results.push(compareObjects(kind, next, path, comparison));
    return all(results);
}

function compareReference(kind: TypeKind, reference: string, path: string, comparison: Comparison): Result {
    const target = referredTo(comparison.newRoot, reference);
    if (target === undefined)
        return undecided(path, `refers to ${JSON.stringify(reference)}, which is not in the schema`);
    const pair = JSON.stringify([kind.type, kind.constraints, reference]);
    return comparison.once(pair, () => compareType(kind, target, path, comparison));
}

function compareTypes({ type }: TypeKind, next: JsonSchema, path: string): Result {
    if (next.type === undefined) return fits;
    const allowed = typeof next.type === "string" ? [next.type] : textsIn(next.type);
    if (allowed.includes(type) || (type === "integer" && allowed.includes("number"))) return fits;
    const were: Readonly<Record<JsonType, string>> = { ...typeWords };
    const are = allowed.map((each) => were[each as JsonType] ?? each).join(" or ");
    return breaks(path, `was ${were[type]}, is ${are}`, !(type === "number" && allowed.includes("integer")));
}

const typeWords = {
    string: "text",
    number: "a number",
    integer: "a whole number",
    boolean: "true or false",
    null: "null",
    array: "a list",
    object: "an object",
} as const;

/** All values have to be in one of the alternatives; which one may depend on a field. */
function compareAlternatives(kind: TypeKind, given: unknown, path: string, comparison: Comparison): Result {
    const branches = schemasIn(given);
    const results = branches.map((branch) => compareType(kind, branch, path, comparison));
    if (results.some(({ findings }) => findings.length === 0)) return fits;
    const possible = results.filter(({ none }) => !none);
    const [only, ...others] = possible;
    if (only === undefined) return noAlternative(kind, branches, results, path, comparison);
    if (others.length === 0) return only;
    const parts = byField(kind, branches, comparison);
    if (parts !== undefined) {
        return each(parts.map((part) => compareAlternatives(part, given, path, comparison)));
    }
    const closest = possible.reduce((best, result) => (result.findings.length < best.findings.length ? result : best));
    return uncertain({ findings: closest.findings, none: false });
}

/** Says why no alternative fits: of objects that tell by a field which alternative they are, why just that one does not. */
function noAlternative(
    kind: TypeKind,
    branches: readonly Schema[],
    results: readonly Result[],
    path: string,
    comparison: Comparison,
): Result {
    const tags = tagsOf(kind, comparison);
    const misses = (branch: Schema) =>
        tags.find(({ name, value }) => {
            const schema = isObject(branch) ? namedSchemas(branch.properties)[name] : undefined;
            return schema !== undefined && comparison.newValidity.isValid(value, [schema]) === false;
        });
    const meant = results.filter((_, index) => misses(branches[index] ?? true) === undefined);
    if (tags.length > 0 && meant[0] !== undefined && meant.length === 1) return { ...meant[0], none: true };
    const missed = branches.map(misses).find((tag) => tag !== undefined);
    if (meant.length === 0 && missed !== undefined) {
        return breaks(`${path}.${missed.name}`, `${JSON.stringify(missed.value)} was allowed, is not`, true);
    }
    const was = kind.type === "object" ? "" : `was ${typeWords[kind.type]}, `;
    return breaks(path, `${was}fits none of the alternatives`, true);
}

/** The same, and no value may be in two. */
function compareExclusive(kind: TypeKind, given: unknown, path: string, comparison: Comparison): Result {
    const branches = schemasIn(given);
    const results = branches.map((branch) => compareType(kind, branch, path, comparison));
    const taken = results.findIndex(({ findings }) => findings.length === 0);
    const possible = results.filter(({ none }) => !none).length;
    if (taken >= 0 && possible === 1) return fits;
    if (possible > 1) {
        const parts = byField(kind, branches, comparison);
        if (parts !== undefined) return each(parts.map((part) => compareExclusive(part, given, path, comparison)));
    }
    if (taken >= 0) return undecided(path, "may fit more than one of the alternatives, of which it has to fit one");
    return compareAlternatives(kind, given, path, comparison);
}

/** Takes objects apart by a field that tells kinds of them from one another: one that is always there, with few values. */
function byField(kind: TypeKind, branches: readonly Schema[], comparison: Comparison): TypeKind[] | undefined {
    const told = new Set(
        branches.flatMap((branch) => (isObject(branch) ? Object.keys(namedSchemas(branch.properties)) : [])),
    );
    const field = finiteFields(kind, comparison).find(({ name, values }) => values.length > 1 && told.has(name));
    if (field === undefined || !comparison.spend(field.values.length * branches.length)) return undefined;
    return field.values.map((value) => ({
        ...kind,
        constraints: [...kind.constraints, { properties: { [field.name]: { const: value } } }],
    }));
}

/** Fields that always have the same value. */
function tagsOf(kind: TypeKind, comparison: Comparison): { readonly name: string; readonly value: unknown }[] {
    return finiteFields(kind, comparison)
        .filter(({ values }) => values.length === 1)
        .map(({ name, values: [value] }) => ({ name, value }));
}

/** Fields that are always there and have only some values. */
function finiteFields(
    kind: TypeKind,
    comparison: Comparison,
): { readonly name: string; readonly values: readonly unknown[] }[] {
    if (kind.type !== "object") return [];
    const names = new Set(kind.constraints.flatMap((constraint) => textsIn(constraint.required)));
    return [...names].flatMap((name) => {
        const { schemas = [] } = propertyIn(kind, name, comparison);
        const kinds = kindsOf(schemas, comparison.oldRoot, comparison.oldValidity) ?? [];
        const values = kinds.flatMap((each) => each.values ?? []);
        return kinds.length > 0 && kinds.every((each) => each.values !== undefined) ? [{ name, values }] : [];
    });
}

function compareNegation(kind: TypeKind, negated: Schema, path: string, comparison: Comparison): Result {
    if (
        kind.constraints.some(({ not }) => not !== undefined && isDeepStrictEqual(not, negated) && !holdsRoots(negated))
    )
        return fits;
    const { findings, none } = compareType(kind, negated, path, comparison);
    if (none) return fits;
    return findings.length === 0
        ? breaks(path, "was allowed, is not", true)
        : undecided(path, "must not be something that it may have been");
}

function holdsRoots(schema: Schema): boolean {
    return JSON.stringify(schema).includes('"$ref"');
}

/** Keywords for which there are no rules here: they are the same as before, or it cannot be decided. */
function withoutRules(kind: TypeKind, next: JsonSchema, path: string): Result[] {
    return groupsWithoutRules.flatMap(({ keywords, types, comparable }) => {
        const present = keywords.filter((keyword) => keyword in next);
        if (present.length === 0 || !types.includes(kind.type)) return [];
        const own = picked(next, keywords);
        const same =
            comparable &&
            !JSON.stringify(own).includes('"$ref"') &&
            kind.constraints.some((constraint) => isDeepStrictEqual(picked(constraint, keywords), own));
        return same ? [] : [undecided(path, `has rules that cannot be compared (${present.join(", ")})`)];
    });
}

const everyType: readonly JsonType[] = ["string", "number", "integer", "boolean", "null", "array", "object"];
const groupsWithoutRules: readonly {
    readonly keywords: readonly string[];
    readonly types: readonly JsonType[];
    /** The keywords say the same wherever they stand. */
    readonly comparable: boolean;
}[] = [
    { keywords: ["if", "then", "else"], types: everyType, comparable: true },
    { keywords: ["$dynamicRef", "$recursiveRef"], types: everyType, comparable: false },
    { keywords: ["contains", "minContains", "maxContains"], types: ["array"], comparable: true },
    { keywords: ["unevaluatedItems"], types: ["array"], comparable: false },
    { keywords: ["dependentRequired"], types: ["object"], comparable: true },
    { keywords: ["dependentSchemas"], types: ["object"], comparable: true },
    { keywords: ["dependencies"], types: ["object"], comparable: true },
    { keywords: ["unevaluatedProperties"], types: ["object"], comparable: false },
];

function picked(schema: JsonSchema, keywords: readonly string[]): JsonSchema {
    return Object.fromEntries(keywords.flatMap((keyword) => (keyword in schema ? [[keyword, schema[keyword]]] : [])));
}
