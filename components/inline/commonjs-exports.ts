import type { NodePath } from "@babel/traverse";
import type * as t from "@babel/types";
import type { SourceFile } from "./source-file";

/** True for the `exports` or `module` that CommonJS gives to a file. */
function isGiven(at: NodePath<t.Node>, name: string): boolean {
    return at.isIdentifier({ name }) && at.isReferencedIdentifier() && !at.scope.hasBinding(name, true);
}

/** `exports` or `module.exports`. */
function isExports(at: NodePath<t.Node>): boolean {
    if (isGiven(at, "exports")) return true;
    return at.isMemberExpression({ computed: false }) && isModuleExports(at);
}

function isModuleExports(at: NodePath<t.MemberExpression>): boolean {
    const { property } = at.node;
    return property.type === "Identifier" && property.name === "exports" && isGiven(at.get("object"), "module");
}

/** The name of an export that a member expression means: `exports.name`, as compilers write the exports of a module. */
export function exportOf(at: NodePath<t.Node>): string | undefined {
    if (!at.isMemberExpression() || at.node.computed || at.node.property.type !== "Identifier") return undefined;
    return isExports(at.get("object")) ? at.node.property.name : undefined;
}

/** What an assignment at module level gives to an export. */
function assigned(statement: NodePath<t.Node>): { name: string; value: NodePath<t.Node> } | undefined {
    if (!statement.isExpressionStatement()) return undefined;
    const expression = statement.get("expression");
    if (!expression.isAssignmentExpression({ operator: "=" })) return undefined;
    const name = exportOf(expression.get("left") as NodePath<t.Node>);
    return name === undefined ? undefined : { name, value: expression.get("right") };
}

/** The statement that gives an export its value; undefined where there is none, or more than one. */
export function exportAssignment(file: SourceFile, name: string): NodePath<t.Node> | undefined {
    const found = file.program.get("body").filter((statement) => {
        const assignment = assigned(statement);
        // Compilers first write `exports.a = exports.b = void 0`.
        const { type } = assignment?.value.node ?? {};
        return assignment?.name === name && type !== "UnaryExpression" && type !== "AssignmentExpression";
    });
    return found.length === 1 ? found[0] : undefined;
}

/** True for a statement that tells other files of a file's exports: it has no meaning within an artefact. */
export function isExporting(statement: NodePath<t.Node>): boolean {
    if (!statement.isExpressionStatement()) return false;
    const expression = statement.get("expression");
    if (!expression.isAssignmentExpression()) return false;
    const left = expression.get("left") as NodePath<t.Node>;
    return exportOf(left) !== undefined || isExports(left);
}
