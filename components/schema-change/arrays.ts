import type { JsonSchema } from "../schema";
import type { Comparison } from "./compare";
import { all, breaks, fits, type Result } from "./finding";
import type { TypeKind } from "./kinds";
import { compareSizes } from "./scalars";
import { isSchema, numberIn, type Schema, schemasIn } from "./schema";

export function compareArrays(kind: TypeKind, next: JsonSchema, path: string, comparison: Comparison): Result {
    const { constraints } = kind;
    const atMost = longest(constraints);
    const results = [
        compareSizes(kind, next, path, { least: "minItems", greatest: "maxItems", unit: "items", atMost }),
    ];
    if (next.uniqueItems === true && !constraints.some(({ uniqueItems }) => uniqueItems === true) && atMost > 1) {
        results.push(breaks(path, "could hold an item twice, must not"));
    }
    const alwaysThere = Math.max(0, ...constraints.flatMap(({ minItems }) => numberIn(minItems) ?? []));
    const positions = Math.max(0, ...[...constraints, next].map(({ prefixItems }) => schemasIn(prefixItems).length));
    for (let position = 0; position <= positions; position++) {
        if (position >= atMost) break;
        const wanted = itemAt(next, position);
        if (wanted === undefined) continue;
        const at = position < positions ? `${path}[${position}]` : `${path}[]`;
        const old = constraints.map((constraint) => itemAt(constraint, position)).filter(isSchema);
        const { findings, none } = comparison.compare(old, wanted, at);
        results.push({ findings, none: none && position < alwaysThere });
    }
    return all(results.length === 0 ? [fits] : results);
}

/** The schema of an item: those of the first items stand apart. Undefined where nothing is said of it. */
function itemAt({ prefixItems, items }: JsonSchema, position: number): Schema | undefined {
    return schemasIn(prefixItems)[position] ?? (isSchema(items) ? items : undefined);
}

/** How many items a list has at most. */
function longest(constraints: readonly JsonSchema[]): number {
    const limits = constraints.flatMap(({ prefixItems, items, maxItems }) => [
        ...(items === false ? [schemasIn(prefixItems).length] : []),
        ...(numberIn(maxItems) === undefined ? [] : [Number(maxItems)]),
    ]);
    return Math.min(Number.POSITIVE_INFINITY, ...limits);
}
