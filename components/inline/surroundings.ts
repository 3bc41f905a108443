import type { NodePath } from "@babel/traverse";
import type * as t from "@babel/types";
import { freeVariables } from "./free-variables";
import type { SourceFile } from "./source-file";

function usesGlobal(path: NodePath<t.Node>, names: readonly string[]): boolean {
    let found = false;
    path.traverse({
        Identifier(at) {
            const { name } = at.node;
            if (names.includes(name) && at.isReferencedIdentifier() && !at.scope.hasBinding(name, true)) found = true;
        },
        MetaProperty(at) {
            if (at.node.meta.name === "import" && names.includes("import.meta")) found = true;
        },
    });
    return found;
}

/** True for code that looks at the machine it runs on: what it found at deployment is what its author meant. */
export function readsSurroundings(file: SourceFile, path: NodePath<t.Node>): boolean {
    const readsFiles = freeVariables(path).some(({ name }) =>
        /^(node:)?fs(\/promises)?$/.test(file.imports.get(name)?.specifier ?? ""),
    );
    return readsFiles || usesGlobal(path, ["__dirname", "__filename", "process", "import.meta"]);
}

/** True for code that may read a variable of this machine's environment. */
export function readsEnvironment(path: NodePath<t.Node>): boolean {
    let found = false;
    path.traverse({
        MemberExpression(at) {
            const { object, property } = at.node;
            if (object.type !== "Identifier" || object.name !== "process" || property.type !== "Identifier") return;
            if (property.name === "env") found = true;
        },
    });
    return found;
}
