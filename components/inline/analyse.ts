import type { ArtefactPlan, EntryCallback } from "./artefact-plan";
import type { Warn } from "./data-warnings";
import { beginFindings, type Findings } from "./findings";
import { CodeKeeper } from "./keep-code";
import { keepStatements } from "./keep-statements";
import type { LocatedCallback } from "./locate";
import { CallbackPlanner } from "./plan-callbacks";
import { stateProblem } from "./state-problem";

/**
 * Plans the artefact of a stage's callbacks: what they take along travels as code by source, as data by value, as outputs
 * by environment. Throws an `InlineError` with all that cannot be taken along.
 *
 * @param main The stage's callback, if it has one.
 * @param others Further callbacks, by name.
 * @param external Packages that are there at run time without being part of the artefact.
 */
export function analyse(
    stage: string,
    main: LocatedCallback | undefined,
    others: ReadonlyMap<string, LocatedCallback>,
    external: readonly string[],
    warn: Warn,
): ArtefactPlan {
    const callbacks = [...(main === undefined ? [] : [main]), ...others.values()];
    const findings = beginFindings(stage, callbacks, external, warn);
    const code = new CodeKeeper(findings);
    const planner = new CallbackPlanner(findings, code);
    const mainEntry = main && planner.add(main);
    const otherEntries = new Map<string, EntryCallback>();
    for (const [name, callback] of others) otherEntries.set(name, planner.add(callback));

    keepAllStatements(findings, code);
    checkState(findings);
    findings.planning.finish();
    findings.warnings.finish();
    return { files: findings.planning.files, main: mainEntry, others: otherEntries, entries: planner.entries };
}

/** Adds the statements that belong to kept code, until they bring no more code with them. */
function keepAllStatements(findings: Findings, code: CodeKeeper): void {
    const { planning } = findings;
    let before = -1;
    while (before !== planning.size) {
        before = planning.size;
        for (const plan of [...planning.files.values()]) keepStatements(findings, code, plan);
    }
}

/** Reports state that code changes which is not kept. */
function checkState({ planning, state }: Findings): void {
    for (const [binding, use] of state) {
        const file = planning.fileOf(binding.path);
        const plan = planning.files.get(file.path);
        const kept = [...(plan?.kept ?? []), ...(plan?.callbacks ?? []).map((each) => each.path)];
        const problem = stateProblem(file, binding, kept);
        if (problem) planning.report(use, problem.what, problem.remedy);
    }
}
