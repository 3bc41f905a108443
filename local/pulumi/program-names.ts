import type { Store } from "../aws/store";
import { parseUrn, stackType, typeOf } from "./urn";

/**
 * What a program calls a thing that has a name on the twin: the resource's own name and those of the components around
 * it, the innermost first. Empty for what the program has not made.
 * @param name The resource's id, or its last part, as in an ARN or address.
 */
export function programNames(store: Store, stack: string, name: string): string[] {
    const { database } = store;
    const table = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'pulumi_resources'").get();
    if (table === undefined) return [];
    const resources = database
        .prepare(
            `SELECT urn, json_extract(body, '$.id') AS id, json_extract(body, '$.parent') AS parent
             FROM pulumi_resources WHERE stack = ? AND replaced = 0`,
        )
        .all(stack);
    const byUrn = new Map(resources.map((row) => [row.urn, row]));
    const names: string[] = [];
    const isCalled = (id: string) => id === name || id.replace(/^.*[:/]/, "") === name;
    let found = resources.find(({ id }) => isCalled(String(id ?? "")));
    while (found !== undefined) {
        const urn = String(found.urn);
        if (typeOf(urn) !== stackType) names.push(parseUrn(urn).name);
        found = byUrn.get(found.parent);
    }
    return names;
}
