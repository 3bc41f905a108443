/** What is wrong with one place of a new schema, seen from the records of the old one. */
export interface Finding {
    /** `data.customer.age`, `data.lines[].sku`, `data.scores.*` */
    readonly path: string;
    /** `was optional, is required` */
    readonly change: string;
    /** False where it cannot be decided whether a record of the old schema could fail. */
    readonly certain: boolean;
}

/** How the values of an old schema do under a new one. */
export interface Result {
    /** None: every value of the old schema fits the new one. */
    readonly findings: readonly Finding[];
    /** No value of the old schema fits the new one. */
    readonly none: boolean;
}

export const fits: Result = { findings: [], none: false };

/** Some values fail. */
export function breaks(path: string, change: string, none = false): Result {
    return { findings: [{ path, change, certain: true }], none };
}

export function undecided(path: string, change: string): Result {
    return { findings: [{ path, change, certain: false }], none: false };
}

/** Of several constraints, all of which have to hold. */
export function all(results: readonly Result[]): Result {
    return { findings: distinct(results.flatMap(({ findings }) => findings)), none: results.some(({ none }) => none) };
}

/** Of several kinds of old values, each of which has to fit. */
export function each(results: readonly Result[]): Result {
    const none = results.length > 0 && results.every((result) => result.none);
    return { findings: distinct(results.flatMap(({ findings }) => findings)), none };
}

/** The same, where the old values are not exactly known. */
export function uncertain({ findings, none }: Result): Result {
    return { findings: findings.map((finding) => ({ ...finding, certain: false })), none };
}

function distinct(findings: readonly Finding[]): Finding[] {
    const found = new Map<string, Finding>();
    for (const finding of findings) {
        const key = `${finding.path}: ${finding.change}`;
        if (!found.get(key)?.certain) found.set(key, finding);
    }
    return [...found.values()];
}
