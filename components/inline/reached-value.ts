import type { Binding } from "@babel/traverse";
import { kindOf } from "./captured-value";
import type { LiveModules, LiveValue } from "./live-values";
import type { Planning } from "./planning";
import { exportNames, type SourceFile } from "./source-file";

/** What a module-level variable holds, and whether the program has come as far as giving it a value. */
interface ReachedValue {
    readonly live: LiveValue;
    readonly isReached: boolean;
}

/** The value of a module-level variable while the stage is made. */
export function reachedValue(
    planning: Planning,
    modules: LiveModules,
    file: SourceFile,
    { path, identifier: { name } }: Binding,
): ReachedValue {
    const live = modules.read(file.path, name, exportNames(file, name));
    const callback = planning.callbackIn(file);
    // A variable that the program has not reached yet looks like one that holds undefined.
    const isReached = live?.value !== undefined || !callback || (path.node.start ?? 0) < (callback.node.start ?? 0);
    return { live, isReached };
}

/** True for a constant that holds data already. */
export function isReachedData(planning: Planning, modules: LiveModules, file: SourceFile, binding: Binding): boolean {
    if (!binding.path.isVariableDeclarator() || binding.constantViolations.length > 0) return false;
    const { live, isReached } = reachedValue(planning, modules, file, binding);
    return live !== undefined && isReached && kindOf(live.value) === "data";
}
