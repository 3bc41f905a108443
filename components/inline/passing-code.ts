import type { NodePath } from "@babel/traverse";
import type * as t from "@babel/types";
import { freeVariables } from "./free-variables";
import { findExport, importTarget } from "./import-target";
import type { Location } from "./inline-error";
import { locationOf, readSourceFile, type SourceFile } from "./source-file";

/** Code whose result depends on when or where it runs. */
interface Passing {
    readonly kind: "environment" | "moment";
    /** As it is written, in short: `Date.now()`. */
    readonly words: string;
    readonly location: Location;
}

const moments = new Set([
    "Date.now()",
    "Date()",
    "new Date()",
    "Math.random()",
    "performance.now()",
    "process.hrtime()",
    "process.hrtime.bigint()",
    "process.uptime()",
]);
const chance = /^(crypto\.)?(randomUUID|randomBytes|randomInt|getRandomValues)\(\)$/;

/** `a.b.c` of an expression that is made of names; empty for any other. */
function dotted(node: t.Node): string {
    if (node.type === "Identifier") return node.name;
    if (node.type !== "MemberExpression" || node.computed || node.property.type !== "Identifier") return "";
    const object = dotted(node.object);
    return object === "" ? "" : `${object}.${node.property.name}`;
}

function passing(at: NodePath<t.Node>, file: SourceFile): Passing | undefined {
    const { node } = at;
    const location = locationOf(file, node);
    if (node.type === "MemberExpression") {
        const words = dotted(node);
        if (words === "process.env") return { kind: "environment", words, location };
        return words === "process.pid" ? { kind: "moment", words, location } : undefined;
    }
    if (node.type !== "CallExpression" && node.type !== "NewExpression") return undefined;
    const name = dotted(node.callee).replace(/^globalThis\./, "");
    const words = `${node.type === "NewExpression" ? "new " : ""}${name}()`;
    // `new Date(0)` is the same each time.
    const isMoment = moments.has(words) && (words !== "new Date()" || node.arguments.length === 0);
    return isMoment || chance.test(words) ? { kind: "moment", words, location } : undefined;
}

/** What code that depends on when or where it runs stands in a piece of code, or in what that uses; the first of each kind. */
export function passingCode(file: SourceFile, path: NodePath<t.Node>): readonly Passing[] {
    const found = new Map<string, Passing>();
    const searched = new Set<t.Node>();
    const search = (file: SourceFile, path: NodePath<t.Node>) => {
        if (searched.has(path.node)) return;
        searched.add(path.node);
        path.traverse({
            enter(at) {
                const each = passing(at, file);
                if (each && !found.has(each.kind)) found.set(each.kind, each);
            },
        });
        for (const { name, binding } of freeVariables(path)) {
            const imported = file.imports.get(name);
            if (!imported) {
                if (binding.kind !== "param") search(file, binding.path);
                continue;
            }
            const target = importTarget(file.path, imported);
            if (target.kind !== "file" || target.name === "*") continue;
            const other = readSourceFile(target.file);
            const exported = findExport(other, target.name);
            const local =
                exported && "local" in exported ? other.program.scope.getOwnBinding(exported.local) : undefined;
            if (local) search(other, local.path);
        }
    };
    search(file, path);
    return [...found.values()];
}
