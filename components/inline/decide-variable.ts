import { isDeepStrictEqual, types } from "node:util";
import type { Binding, NodePath } from "@babel/traverse";
import type * as t from "@babel/types";
import type { CapturedValue } from "./captured-value";
import { isPlainData } from "./data";
import type { DeploymentUse } from "./deployment-code";
import type { Findings } from "./findings";
import { formatLocation } from "./inline-error";
import { writeInstead } from "./planning";
import { reachedValue } from "./reached-value";
import { exportNames, type SourceFile } from "./source-file";
import { lateWriteProblem, stateProblem } from "./state-problem";
import { readsSurroundings } from "./surroundings";

/**
 * How a module-level variable travels: as the value that it holds, or as its own code; undefined after a problem.
 *
 * @param use Where kept code uses it for the first time.
 */
export function decideVariable(
    findings: Findings,
    file: SourceFile,
    binding: Binding,
    use: NodePath<t.Node>,
): CapturedValue | "code" | undefined {
    const { path } = binding;
    if (path.isClassDeclaration()) return decideClass(findings, file, binding);
    if (!path.isVariableDeclarator()) return "code";
    const kind = path.node.init?.type;
    if (kind === "ArrowFunctionExpression" || kind === "FunctionExpression") return "code";
    const { planning, values } = findings;
    const callback = planning.callbackIn(file);
    const late = callback && lateWriteProblem(file, binding, callback);
    if (late) {
        planning.report(use, late.what, late.remedy);
        findings.decided.set(binding, "code");
        return undefined;
    }
    if (binding.constantViolations.length > 0 && (!callback || stateProblem(file, binding, [], callback))) {
        findings.state.set(binding, use);
        return "code";
    }
    const deployment = findings.deployment.atLoad(file, path);
    if (!callback && !deployment && !readsSurroundings(file, path)) {
        warnOfChange(findings, file, binding);
        return "code";
    }

    const name = binding.identifier.name;
    const { live, isReached } = reachedValue(planning, findings.live, file, binding);
    const captured = live && isReached ? values.enter(live.value, [name]) : undefined;
    if (captured && captured.kind !== "other") {
        // An empty table is filled by handlers, or by statements further down.
        if (!deployment && isEmptyTable(captured.value)) return "code";
        findings.warnings.taken({ file, path, name, captured });
        return captured;
    }
    if (!deployment || !findings.deploymentBesideData.atLoad(file, path)) return "code";
    if (captured && typeof captured.value !== "function") return captured;
    const method = captured && methodTaken(file, path, name);
    if (method !== undefined) {
        planning.report(
            use,
            `"${name}" is a method, and is passed on without being called`,
            `Pass a function that calls it: const ${name} = (value) => ${method}(value)`,
        );
    } else {
        const made = madeWith(name, deployment);
        if (captured) planning.report(use, made, writeInstead);
        else if (!isReached) planning.report(use, `${made}, and has no value yet`, "Declare it above the stage");
        else planning.report(use, `${made}, and its value cannot be found`, `Export it from ${file.path}`);
    }
    findings.decided.set(binding, "code");
    return undefined;
}

/** Data of another file is what its code makes: what the program has put into it since is not in the function. */
function warnOfChange({ live, planning, warnings }: Findings, file: SourceFile, binding: Binding): void {
    const { path } = binding;
    const init = path.isVariableDeclarator() ? (path.get("init") as NodePath<t.Node>) : undefined;
    const made = init?.node ? init.evaluate() : undefined;
    if (!made?.confident || typeof made.value !== "object" || made.value === null) return;
    const { live: found } = reachedValue(planning, live, file, binding);
    if (found && isPlainData(found.value) && !isDeepStrictEqual(found.value, made.value)) {
        warnings.changed(path, file, binding.identifier.name);
    }
}

/** A class whose static members deploy cannot be made again: handlers may use what it holds. */
function decideClass(
    { deploymentBesideData, live, values }: Findings,
    file: SourceFile,
    { identifier: { name }, path }: Binding,
): CapturedValue | "code" {
    if (!deploymentBesideData.atLoad(file, path)) return "code";
    const found = live.read(file.path, name, exportNames(file, name));
    return found ? values.enter(found.value, [name]) : "code";
}

/** True for a Map or Set that holds nothing yet. */
function isEmptyTable(value: unknown): boolean {
    return (types.isMap(value) || types.isSet(value)) && value.size === 0;
}

/** `object.method`, where that is what a variable was given. */
function methodTaken(file: SourceFile, path: NodePath<t.VariableDeclarator>, name: string): string | undefined {
    const { id, init } = path.node;
    if (!init || typeof init.start !== "number" || typeof init.end !== "number") return undefined;
    const text = file.text.slice(init.start, init.end);
    if (init.type === "MemberExpression") return text;
    return id.type === "ObjectPattern" ? `${text}.${name}` : undefined;
}

function madeWith(name: string, deployment: DeploymentUse): string {
    return `"${name}" is made with "${deployment.name}" of ${deployment.package} (${formatLocation(deployment.location)}), which exists only while deploying`;
}
