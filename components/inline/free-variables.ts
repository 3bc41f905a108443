import type { Binding, NodePath } from "@babel/traverse";
import type * as t from "@babel/types";

/** A variable that a piece of code uses and does not declare. */
export interface FreeVariable {
    readonly name: string;
    readonly binding: Binding;
    /** The identifiers that read it. */
    readonly uses: readonly NodePath<t.Node>[];
}

// Syntax of TypeScript that exists at run time too; everything else that begins with TS is types.
const runTimeSyntax = new Set([
    "TSAsExpression",
    "TSSatisfiesExpression",
    "TSNonNullExpression",
    "TSTypeAssertion",
    "TSInstantiationExpression",
    "TSEnumDeclaration",
    "TSEnumBody",
    "TSEnumMember",
    "TSModuleDeclaration",
    "TSModuleBlock",
    "TSParameterProperty",
    "TSExportAssignment",
]);

/** True for syntax that compilers erase. */
export function isTypeOnly(node: t.Node): boolean {
    return (
        (node.type.startsWith("TS") && !runTimeSyntax.has(node.type)) || ("declare" in node && node.declare === true)
    );
}

function within(inner: NodePath | null, outer: NodePath): boolean {
    return inner === outer || (inner?.isDescendant(outer) ?? false);
}

/** The binding that a name means at a place. */
function bindingOf(name: string, at: NodePath<t.Node>): Binding | undefined {
    let binding = at.scope.getBinding(name);
    // The scope tracker takes what a `switch` asks for as a part of its cases, whose variables it does not see.
    for (let scope = binding?.scope; scope?.path.isSwitchStatement(); scope = binding?.scope) {
        if (!within(at, scope.path.get("discriminant") as NodePath<t.Node>)) break;
        binding = scope.parent.getBinding(name);
    }
    return binding;
}

const cache = new WeakMap<t.Node, readonly FreeVariable[]>();

/** The free variables of a declaration, statement or function, in the order of their first use. Globals are left out. */
export function freeVariables(path: NodePath<t.Node>): readonly FreeVariable[] {
    const known = cache.get(path.node);
    if (known) return known;
    const found = new Map<Binding, { name: string; binding: Binding; uses: NodePath<t.Node>[] }>();
    const add = (name: string, at: NodePath<t.Node>) => {
        const binding = bindingOf(name, at);
        if (!binding || binding.path === path || within(binding.scope.path, path)) return;
        if (within(binding.path, path)) return;
        if ("declare" in (binding.path.parent ?? {}) && (binding.path.parent as { declare?: boolean }).declare) return;
        const variable = found.get(binding) ?? { name, binding, uses: [] };
        variable.uses.push(at);
        found.set(binding, variable);
    };
    const visit = (at: NodePath<t.Node>) => {
        if (at.isReferencedIdentifier()) add((at.node as t.Identifier).name, at);
        else if (at.isAssignmentExpression() || at.isForXStatement()) {
            for (const name of Object.keys((at.get("left") as NodePath<t.Node>).getBindingIdentifiers())) add(name, at);
        } else if (at.isUpdateExpression() && at.node.argument.type === "Identifier") add(at.node.argument.name, at);
    };
    visit(path);
    path.traverse({
        enter(at) {
            if (isTypeOnly(at.node)) at.skip();
            else visit(at);
        },
    });
    const variables = [...found.values()];
    cache.set(path.node, variables);
    return variables;
}
