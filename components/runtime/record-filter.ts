/** A filter as data: fields with what they may be, `$or` with alternatives. It was checked at deployment. */
export interface FilterPattern {
    readonly [field: string]: FilterPattern | readonly unknown[];
}

type Comparison = (wanted: unknown, value: unknown) => boolean;

const comparisons: Readonly<Record<string, Comparison>> = {
    prefix: (wanted, value) => typeof value === "string" && value.startsWith(String(wanted)),
    suffix: (wanted, value) => typeof value === "string" && value.endsWith(String(wanted)),
    "equals-ignore-case": (wanted, value) =>
        typeof value === "string" && value.toLowerCase() === String(wanted).toLowerCase(),
    "anything-but": (wanted, value) => ![wanted].flat().includes(value),
    numeric: (wanted, value) => typeof value === "number" && inRange(wanted as readonly unknown[], value),
};

const numericComparisons: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
    "=": (value, bound) => value === bound,
    "<": (value, bound) => value < bound,
    "<=": (value, bound) => value <= bound,
    ">": (value, bound) => value > bound,
    ">=": (value, bound) => value >= bound,
};

function inRange([comparison, bound, ...others]: readonly unknown[], value: number): boolean {
    const holds = numericComparisons[String(comparison)]?.(value, Number(bound)) === true;
    return holds && (others.length === 0 || inRange(others, value));
}

/**
 * Whether a datum fits a filter, as Lambda judges it where it can see the datum: in a record, and not where the record
 * only refers to it.
 */
export function passes(filter: FilterPattern, datum: unknown): boolean {
    // One item of a list has to fit as a whole.
    if (Array.isArray(datum)) return datum.some((item) => passes(filter, item));
    return Object.entries(filter).every(([field, wanted]) => {
        if (!isRules(wanted)) return passes(wanted, member(datum, field));
        if (field === "$or") return wanted.some((each) => passes(each as FilterPattern, datum));
        const values = scalars(member(datum, field));
        return wanted.some((rule) => fits(rule, values));
    });
}

function member(datum: unknown, field: string): unknown {
    if (typeof datum !== "object" || datum === null || !Object.hasOwn(datum, field)) return undefined;
    return (datum as Readonly<Record<string, unknown>>)[field];
}

function isRules(wanted: FilterPattern | readonly unknown[]): wanted is readonly unknown[] {
    return Array.isArray(wanted);
}

/** What is compared of a field: the items of a list; nothing of what is not there. */
function scalars(value: unknown): readonly unknown[] {
    if (Array.isArray(value)) return value.flatMap(scalars);
    return value === undefined || (typeof value === "object" && value !== null) ? [] : [value];
}

function fits(rule: unknown, values: readonly unknown[]): boolean {
    if (typeof rule !== "object" || rule === null) return values.includes(rule);
    return Object.entries(rule).every(([name, wanted]) =>
        name === "exists"
            ? values.length > 0 === wanted
            : values.some((value) => comparisons[name]?.(wanted, value) === true),
    );
}
