import type { Binding, NodePath } from "@babel/traverse";
import type * as t from "@babel/types";
import { formatLocation, type ProblemWords } from "./inline-error";
import { locationOf, type SourceFile } from "./source-file";

function within(path: NodePath<t.Node>, outer: NodePath<t.Node>): boolean {
    return path === outer || path.isDescendant(outer);
}

/** True for a write that has happened for good when the callback is passed. */
function isBefore(write: NodePath<t.Node>, callback: NodePath<t.Node>, binding: Binding): boolean {
    // Every turn of a `for` loop has variables of its own; the callback has those of its turn.
    const loop = binding.path.findParent((each) => each.isForStatement());
    if (loop?.isForStatement() && loop.get("update").node && within(write, loop.get("update") as NodePath<t.Node>))
        return true;
    if (write.isForXStatement() && within(callback, write)) return true;
    const sameFunction =
        write.getFunctionParent() === binding.scope.getFunctionParent()?.path ||
        (!write.getFunctionParent() && binding.scope.path.isProgram());
    if (!sameFunction || (write.node.start ?? 0) > (callback.node.start ?? 0)) return false;
    const repeated = write.findParent((each) => each.isLoop() && within(callback, each));
    return !repeated || within(binding.path, repeated);
}

/** Why a variable of module level cannot be taken along that is assigned again when the callback has been passed. */
export function lateWriteProblem(
    file: SourceFile,
    binding: Binding,
    callback: NodePath<t.Node>,
): ProblemWords | undefined {
    const late = binding.constantViolations.find(
        (write) => !write.getFunctionParent() && !within(write, callback) && !isBefore(write, callback, binding),
    );
    return late && assignedAgain(file, binding, late);
}

function assignedAgain(file: SourceFile, binding: Binding, write: NodePath<t.Node>): ProblemWords {
    return {
        what: `"${binding.identifier.name}" is assigned again at ${formatLocation(locationOf(file, write.node))}, where the handler cannot see it`,
        remedy: "Make it a constant, or assign it only before the stage or only in what the handler calls",
    };
}

/**
 * Why a variable that is assigned again cannot be taken along: a write outside of the code that is `kept` would happen
 * at deployment only, after the value was taken. Undefined when every write is kept, or over before the callback is passed.
 */
export function stateProblem(
    file: SourceFile,
    binding: Binding,
    kept: readonly NodePath<t.Node>[],
    callback?: NodePath<t.Node>,
): ProblemWords | undefined {
    const lost = binding.constantViolations.find(
        (write) => !kept.some((each) => within(write, each)) && !(callback && isBefore(write, callback, binding)),
    );
    const own = callback && binding.constantViolations.find((write) => within(write, callback));
    if (own && !binding.scope.path.isProgram()) {
        return {
            what: `"${binding.identifier.name}" belongs to an enclosing function, and the handler assigns it`,
            remedy: "Declare it at module level: there it is the state of one running copy of the function",
        };
    }
    return lost && assignedAgain(file, binding, lost);
}
