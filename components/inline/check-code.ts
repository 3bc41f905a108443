import type { NodePath } from "@babel/traverse";
import type * as t from "@babel/types";
import { exportOf } from "./commonjs-exports";
import type { Report } from "./planning";

/** The function whose `this` an expression means; undefined for the module's or class body's own. */
function ownerOfThis(at: NodePath<t.Node>): NodePath<t.Node> | undefined {
    const owner = at.findParent(
        (each) =>
            (each.isFunction() && !each.isArrowFunctionExpression()) || each.isClassBody() || each.isTSModuleBlock(),
    );
    return owner ?? undefined;
}

/** Code from a text: no analysis can see which names it uses. */
function isFromText(at: NodePath<t.Identifier>): boolean {
    const { name } = at.node;
    // `globalThis.eval`, and `(0, eval)(…)` by the name itself.
    const member = at.parentPath.isMemberExpression({ property: at.node, computed: false }) ? at.parentPath : undefined;
    if (member && !(member.node.object.type === "Identifier" && /^global(This)?$/.test(member.node.object.name)))
        return false;
    if (!member && (!at.isReferencedIdentifier() || at.scope.hasBinding(name, true))) return false;
    const expression: NodePath<t.Node> = member ?? at;
    const parent = expression.parent;
    const isCalled =
        (parent.type === "NewExpression" || parent.type === "CallExpression") && parent.callee === expression.node;
    return name === "eval" || (name === "Function" && isCalled);
}

const places = new Set(["__dirname", "__filename"]);

/**
 * Reports what kept code uses that means something else, or nothing, inside of an artefact. `onLoad` is called for the
 * modules that the code loads by itself, with `require` or `import()`, `onExport` for `exports.name`.
 */
export function checkCode(
    path: NodePath<t.Node>,
    report: Report,
    onLoad: (call: NodePath<t.Node>, specifier: string) => void,
    onExport: (member: NodePath<t.MemberExpression>, name: string) => void,
): void {
    const outside = (at: NodePath<t.Node>) => {
        const owner = ownerOfThis(at);
        return path.isFunction() && (!owner || (owner !== path && !owner.isDescendant(path)));
    };
    path.traverse({
        CallExpression(at) {
            const { callee, arguments: given } = at.node;
            const loads = (callee.type === "Identifier" && callee.name === "require") || callee.type === "Import";
            if (loads && given[0]?.type === "StringLiteral") onLoad(at, given[0].value);
        },
        AwaitExpression(at) {
            if (at.getFunctionParent()) return;
            report(
                at,
                '"await" stands at module level, and a function cannot wait while it loads',
                "Wait inside of the handler, or for plain data only: that is taken along as it is",
            );
        },
        ThisExpression(at) {
            if (outside(at)) {
                report(
                    at,
                    '"this" means an object that exists only while deploying',
                    "Put what is needed of it into constants above the stage",
                );
            }
        },
        Super(at) {
            if (outside(at))
                report(
                    at,
                    '"super" means a class that exists only while deploying',
                    "Call a function of module level instead",
                );
        },
        MetaProperty(at) {
            if (at.node.meta.name === "import") {
                report(
                    at,
                    '"import.meta" has no meaning in a bundled function',
                    "Use it outside of the handler: a file's text, read into a constant, is taken along",
                );
            }
        },
        MemberExpression(at) {
            const name = exportOf(at);
            if (name !== undefined) onExport(at, name);
        },
        Identifier(at) {
            const { name } = at.node;
            if (isFromText(at)) {
                const from: NodePath<t.Node> = at.parentPath.isMemberExpression({ property: at.node })
                    ? at.parentPath
                    : at;
                report(
                    from.parentPath?.isNewExpression() ? from.parentPath : from,
                    `"${name}" makes code from a text, and the names in it cannot be seen`,
                    "Write the code itself: a function in its place",
                );
            }
            if (!at.isReferencedIdentifier() || at.scope.hasBinding(name, true)) return;
            if (name === "exports" || name === "module") {
                const { parentPath } = at;
                const owner = name === "module" ? parentPath.parentPath : parentPath;
                if (!owner || exportOf(owner) === undefined)
                    report(at, `"${name}" has no meaning in a bundled function`, "Use what it stands for by its name");
            }
            if (places.has(name)) {
                report(
                    at,
                    `"${name}" is a folder of this machine`,
                    "Use it outside of the handler: a file's text, read into a constant, is taken along",
                );
            }
            if (name === "arguments" && outside(at)) {
                report(
                    at,
                    '"arguments" are those of an enclosing function',
                    "Name the parameters and put them into constants above the stage",
                );
            }
        },
    });
}
