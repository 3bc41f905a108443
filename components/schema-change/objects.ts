import type { JsonSchema } from "../schema";
import type { Comparison } from "./compare";
import { all, breaks, fits, type Result, uncertain, undecided } from "./finding";
import type { TypeKind } from "./kinds";
import { compareSizes } from "./scalars";
import { isSchema, namedSchemas, type Schema, textsIn } from "./schema";

/** A field of the objects of a kind. */
export interface Property {
    /** What its values are; undefined where no object has it. */
    readonly schemas: readonly Schema[] | undefined;
    readonly required: boolean;
    /** The old schema names it. */
    readonly named: boolean;
}

/**
 * What is known of a field. One that no constraint says anything of is taken to be in no object, for handlers return what
 * their types say; but where nothing at all is said of the objects, they may have any field.
 */
export function propertyIn({ constraints }: TypeKind, name: string, comparison: Comparison): Property {
    const required = constraints.some((constraint) => textsIn(constraint.required).includes(name));
    const named = constraints.some(({ properties }) => Object.hasOwn(namedSchemas(properties), name));
    const schemas: Schema[] = [];
    for (const constraint of constraints) {
        const { propertyNames } = constraint;
        const isRefused = isSchema(propertyNames) && comparison.oldValidity.isValid(name, [propertyNames]) === false;
        const own = schemasOf(constraint, name);
        if (isRefused || own.includes(false)) return { schemas: undefined, required, named };
        schemas.push(...own);
    }
    if (schemas.length === 0 && !required && isDescribed(constraints)) return { schemas: undefined, required, named };
    return { schemas, required, named };
}

/** Whether anything is said of the fields of objects, if only that they are objects. */
function isDescribed(constraints: readonly JsonSchema[]): boolean {
    return constraints.some(({ type, properties }) => properties !== undefined || [type].flat().includes("object"));
}

/** What one constraint says of a field. */
function schemasOf(
    { properties, patternProperties, additionalProperties }: JsonSchema,
    name: string,
): readonly Schema[] {
    const own = namedSchemas(properties);
    const found = [
        ...(Object.hasOwn(own, name) ? [own[name]] : []),
        ...Object.entries(namedSchemas(patternProperties))
            .filter(([pattern]) => matches(pattern, name))
            .map(([, schema]) => schema),
    ].filter(isSchema);
    return found.length > 0 || !isSchema(additionalProperties) ? found : [additionalProperties];
}

export function compareObjects(kind: TypeKind, next: JsonSchema, path: string, comparison: Comparison): Result {
    return all([
        ...textsIn(next.required).map((name) => compareRequired(kind, name, `${path}.${name}`, comparison)),
        ...Object.entries(namedSchemas(next.properties)).map(([name, schema]) =>
            compareProperty(kind, name, schema, `${path}.${name}`, comparison),
        ),
        comparePatterns(kind, next, path, comparison),
        compareOthers(kind, next, path, comparison),
        compareNames(kind, next, path, comparison),
        compareSizes(kind, next, path, {
            least: "minProperties",
            greatest: "maxProperties",
            unit: "fields",
            atLeast: new Set(kind.constraints.flatMap(({ required }) => textsIn(required))).size,
            atMost: isClosed(kind) ? namesIn(kind).length : Number.POSITIVE_INFINITY,
        }),
    ]);
}

function compareRequired(kind: TypeKind, name: string, path: string, comparison: Comparison): Result {
    const { required, named, schemas } = propertyIn(kind, name, comparison);
    if (required) return fits;
    return breaks(path, named ? "was optional, is required" : "is new and required", schemas === undefined);
}

function compareProperty(kind: TypeKind, name: string, wanted: Schema, path: string, comparison: Comparison): Result {
    const { schemas, required } = propertyIn(kind, name, comparison);
    if (schemas === undefined) return fits;
    const { findings, none } = comparison.compare(schemas, wanted, path);
    return { findings, none: none && required };
}

/** Fields whose names match a pattern. */
function comparePatterns(kind: TypeKind, next: JsonSchema, path: string, comparison: Comparison): Result {
    const results = Object.entries(namedSchemas(next.patternProperties)).flatMap(([pattern, wanted]) => {
        const at = `${path}./${pattern}/`;
        const names = namesIn(kind).filter((name) => matches(pattern, name));
        const others: Schema[] = isDescribed(kind.constraints) ? [] : [true];
        others.push(
            ...kind.constraints.flatMap(({ patternProperties, additionalProperties }) => [
                ...Object.values(namedSchemas(patternProperties)),
                ...(isSchema(additionalProperties) && additionalProperties !== false ? [additionalProperties] : []),
            ]),
        );
        const same = kind.constraints
            .map(({ patternProperties }) => namedSchemas(patternProperties)[pattern])
            .filter(isSchema);
        return [
            ...names.map((name) => compareProperty(kind, name, wanted, `${path}.${name}`, comparison)),
            // Which of the other fields have such a name is not known.
            ...(same.length > 0
                ? [never(comparison.compare(same, wanted, at))]
                : others.map((other) => never(uncertain(comparison.compare([other], wanted, at))))),
        ];
    });
    return all(results);
}

/** A field that may not be there does not stop the object from fitting. */
function never({ findings }: Result): Result {
    return { findings, none: false };
}

/** Fields that the new schema does not name. */
function compareOthers(kind: TypeKind, next: JsonSchema, path: string, comparison: Comparison): Result {
    const { additionalProperties: wanted } = next;
    if (!isSchema(wanted) || wanted === true || (wanted !== false && Object.keys(wanted).length === 0)) return fits;
    const results = namesIn(kind)
        .filter((name) => schemasOf({ ...next, additionalProperties: undefined }, name).length === 0)
        .map((name) => compareProperty(kind, name, wanted, `${path}.${name}`, comparison));
    const patterns = new Set(Object.keys(namedSchemas(next.patternProperties)));
    for (const { patternProperties } of kind.constraints) {
        for (const [pattern, schema] of Object.entries(namedSchemas(patternProperties))) {
            if (patterns.has(pattern)) continue;
            results.push(never(uncertain(comparison.compare([schema], wanted, `${path}./${pattern}/`))));
        }
    }
    if (!isClosed(kind)) {
        const old = furtherFields(kind);
        if (old.length > 0 || !isDescribed(kind.constraints))
            results.push(never(comparison.compare(old, wanted, `${path}.*`)));
        else
            results.push(
                breaks(
                    path,
                    wanted === false
                        ? "was open to further fields, is closed"
                        : "was open to further fields of any kind, is not",
                ),
            );
    }
    return all(results);
}

/** Rules for the names of fields. */
function compareNames(
    kind: TypeKind,
    { propertyNames: wanted }: JsonSchema,
    path: string,
    comparison: Comparison,
): Result {
    if (!isSchema(wanted)) return fits;
    const results = namesIn(kind).map((name): Result => {
        const { schemas, required } = propertyIn(kind, name, comparison);
        if (schemas === undefined || comparison.newValidity.isValid(name, [wanted]) !== false) return fits;
        return breaks(`${path}.${name}`, "has a name that is not allowed any more", required);
    });
    const any: Schema = { type: "string" };
    const names = kind.constraints.flatMap(({ propertyNames }) => (isSchema(propertyNames) ? [propertyNames] : []));
    if (!isClosed(kind)) {
        const { findings } = comparison.compare([any, ...names], wanted, path);
        if (findings.length === 0) return all(results);
        const change = "has fields whose names may not be allowed any more";
        const isSure =
            (furtherFields(kind).length > 0 || !isDescribed(kind.constraints)) &&
            findings.some(({ certain }) => certain);
        results.push(isSure ? breaks(path, change) : undecided(path, change));
    }
    return all(results);
}

/** What further fields hold, where the old schema says so. */
function furtherFields({ constraints }: TypeKind): readonly Schema[] {
    return constraints.flatMap(({ additionalProperties }) =>
        isSchema(additionalProperties) ? [additionalProperties] : [],
    );
}

/** Whether no other fields than those that are named can be there. */
function isClosed({ constraints }: TypeKind): boolean {
    return constraints.some(
        ({ additionalProperties, patternProperties }) =>
            additionalProperties === false && Object.keys(namedSchemas(patternProperties)).length === 0,
    );
}

/** The fields that the old schema names. */
function namesIn({ constraints }: TypeKind): readonly string[] {
    return [
        ...new Set(
            constraints.flatMap(({ properties, required }) => [
                ...Object.keys(namedSchemas(properties)),
                ...textsIn(required),
            ]),
        ),
    ];
}

function matches(pattern: string, name: string): boolean {
    try {
        return new RegExp(pattern, "u").test(name);
    } catch {
        return true;
    }
}
