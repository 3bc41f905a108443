import type { NodePath } from "@babel/traverse";
import type * as t from "@babel/types";

/** A variable that stands for a value, or for one of the value's properties. */
interface Alias {
    readonly name: string;
    readonly property: string | undefined;
}

/** A declaration by which the uses of a value go on under other names. */
export interface AliasDeclaration {
    readonly path: NodePath<t.Node>;
    readonly aliases: readonly Alias[];
}

/** `const queue = queues[name]` or `const { sales } = queues`, where the expression is what is declared; undefined for other uses. */
export function aliasesOf(expression: NodePath<t.Node>): AliasDeclaration | undefined {
    const path = expression.parentPath;
    if (!path?.isVariableDeclarator() || path.node.init !== expression.node) return undefined;
    const { id } = path.node;
    if (id.type === "Identifier") return { path, aliases: [{ name: id.name, property: undefined }] };
    if (id.type !== "ObjectPattern") return undefined;
    const aliases = id.properties.map((each) =>
        each.type === "ObjectProperty" &&
        !each.computed &&
        each.key.type === "Identifier" &&
        each.value.type === "Identifier"
            ? { name: each.value.name, property: each.key.name }
            : undefined,
    );
    return aliases.every((each) => each !== undefined) ? { path, aliases } : undefined;
}

/** Where a name is used; undefined where it does not mean the same everywhere. */
export function usesOfName(name: string, at: NodePath<t.Node>): readonly NodePath<t.Node>[] | undefined {
    const binding = at.scope.getBinding(name);
    return binding?.constantViolations.length === 0 ? binding.referencePaths : undefined;
}
