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
    const data = items(datum);
    return data.some((one) => passesOne(filter, one, data));
}

/** @param all the datum and the others in its list: one of them has to fit as a whole, and what must be absent, in all. */
function passesOne(filter: FilterPattern, datum: unknown, all: readonly unknown[]): boolean {
    return Object.entries(filter).every(([field, wanted]) => {
        const within = (data: readonly unknown[]) => data.flatMap((each) => items(member(each, field)));
        if (!isRules(wanted)) {
            const others = within(all);
            const own = within([datum]);
            return (own.length === 0 ? [undefined] : own).some((each) => passesOne(wanted, each, others));
        }
        if (field === "$or") return wanted.some((each) => passesOne(each as FilterPattern, datum, all));
        const values = within([datum]).filter(isScalar);
        return wanted.some((rule) => (isAbsence(rule) ? !within(all).some(isScalar) : fits(rule, values)));
    });
}

/** Of a list, and of lists in it, all items; else the value alone. */
function items(value: unknown): readonly unknown[] {
    return Array.isArray(value) ? value.flatMap(items) : [value];
}

function member(datum: unknown, field: string): unknown {
    if (typeof datum !== "object" || datum === null || !Object.hasOwn(datum, field)) return undefined;
    return (datum as Readonly<Record<string, unknown>>)[field];
}

function isRules(wanted: FilterPattern | readonly unknown[]): wanted is readonly unknown[] {
    return Array.isArray(wanted);
}

/** What can be compared: nothing of what is not there, or holds fields of its own. */
function isScalar(value: unknown): boolean {
    return value === null || (value !== undefined && typeof value !== "object");
}

function isAbsence(rule: unknown): boolean {
    return typeof rule === "object" && rule !== null && "exists" in rule && rule.exists === false;
}

function fits(rule: unknown, values: readonly unknown[]): boolean {
    if (typeof rule !== "object" || rule === null) return values.includes(rule);
    return Object.entries(rule).every(([name, wanted]) =>
        name === "exists" ? values.length > 0 : values.some((value) => comparisons[name]?.(wanted, value) === true),
    );
}
