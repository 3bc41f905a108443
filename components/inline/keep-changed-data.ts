import type { Binding, NodePath } from "@babel/traverse";
import type * as t from "@babel/types";
import type { FilePlan } from "./artefact-plan";
import { changesArray, effectOn } from "./effect-on-variable";
import type { Findings } from "./findings";
import { freeVariables } from "./free-variables";
import type { CodeKeeper } from "./keep-code";
import { readsSurroundings } from "./surroundings";

/** Data that kept code changes at load is taken as code: as a value it holds those changes, and would be changed twice. */
export function keepChangedData(
    findings: Findings,
    code: CodeKeeper,
    plan: FilePlan,
    path: NodePath<t.Node>,
    visited: Set<Binding> = new Set(),
): void {
    for (const { binding, uses } of freeVariables(path)) {
        const decided = findings.decided.get(binding);
        if (decided === undefined || visited.has(binding)) continue;
        visited.add(binding);
        const called = functionOf(binding);
        if (decided === "code" && called) keepChangedData(findings, code, plan, called, visited);
        if (decided === "code" || decided.kind !== "data") continue;
        const isChanged = (use: NodePath<t.Node>) =>
            changesArray(use) || effectOn(use, use.getFunctionParent() ?? path) === "changes";
        if (uses.some(isChanged)) takeAsCode(findings, code, plan, binding, path);
    }
}

/** The function that a declaration or a constant is. */
function functionOf({ path }: Binding): NodePath<t.Node> | undefined {
    const value = path.isVariableDeclarator() ? (path.get("init") as NodePath<t.Node>) : path;
    return value.isFunction() ? value : undefined;
}

function takeAsCode(
    { planning, deploymentBesideData, decided }: Findings,
    code: CodeKeeper,
    { file, values }: FilePlan,
    binding: Binding,
    change: NodePath<t.Node>,
): void {
    const { name } = binding.identifier;
    if (deploymentBesideData.atLoad(file, binding.path) || readsSurroundings(file, binding.path)) {
        planning.report(
            change,
            `"${name}" holds data of the deployment, and is changed here together with what a handler needs`,
            "Change it in a statement of its own",
        );
        return;
    }
    values.delete(name);
    decided.delete(binding);
    code.keepVariable(file, binding);
}
