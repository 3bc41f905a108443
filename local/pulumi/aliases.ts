import type { Alias, Goal } from "./goal";
import { createUrn, parseUrn, stackType } from "./urn";

/**
 * The URNs under which a resource may stand in the state besides its own: those of its aliases, and those that it has
 * through its parent when that was found under an alias.
 */
export function aliasUrns(
    goal: Pick<Goal, "type" | "name" | "parent" | "aliases">,
    where: { readonly stack: string; readonly project: string },
    /** The URN under which the parent was found, when it differs from its own. */
    earlierParent: string | undefined,
): string[] {
    const parents = earlierParent === undefined ? [goal.parent] : [goal.parent, earlierParent];
    const urns = new Set<string>();
    if (earlierParent !== undefined) urns.add(underParent({}, goal, where, earlierParent));
    for (const alias of goal.aliases) {
        if ("urn" in alias) urns.add(alias.urn);
        else for (const parent of parents) urns.add(underParent(alias, goal, where, parent));
    }
    return [...urns];
}

function underParent(
    alias: Exclude<Alias, { urn: string }>,
    goal: Pick<Goal, "type" | "name" | "parent">,
    where: { readonly stack: string; readonly project: string },
    parent: string | undefined,
): string {
    // An alias names its parent, or says that there was none; without either, the present parent is meant.
    const named = alias.parent === undefined || alias.parent === goal.parent ? parent : alias.parent;
    const above = alias.noParent ? undefined : named;
    return createUrn({
        stack: alias.stack ?? where.stack,
        project: alias.project ?? where.project,
        type: alias.type ?? goal.type,
        name: alias.name ?? inheritedName(goal, above),
        parent: above,
    });
}

/** Children are usually called after their parent: when that was renamed, so were they. */
function inheritedName(goal: Pick<Goal, "name" | "parent">, earlierParent: string | undefined): string {
    if (goal.parent === undefined || earlierParent === undefined || earlierParent === goal.parent) return goal.name;
    const parent = parseUrn(goal.parent);
    if (parent.qualifiedType === stackType || !goal.name.startsWith(parent.name)) return goal.name;
    return parseUrn(earlierParent).name + goal.name.slice(parent.name.length);
}
