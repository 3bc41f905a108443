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

/** True for code that waits, which a function cannot do while it loads. */
function waits(path: NodePath<t.Node>): boolean {
    let found = false;
    path.traverse({
        AwaitExpression(at) {
            if (!at.getFunctionParent()) found = true;
        },
    });
    return found;
}

/** True for code that looks at what is around it while it loads: what it found at deployment is what its author meant. */
export function readsSurroundings(file: SourceFile, path: NodePath<t.Node>): boolean {
    const readsFiles = freeVariables(path).some(({ name }) =>
        /^(node:)?fs(\/promises)?$/.test(file.imports.get(name)?.specifier ?? ""),
    );
    return readsFiles || waits(path) || usesGlobal(path, ["__dirname", "__filename", "process", "import.meta"]);
}
