import type { Binding, NodePath } from "@babel/traverse";
import type * as t from "@babel/types";
import { type CapturedValue, CapturedValues } from "./captured-value";
import { DataWarnings, type Warn } from "./data-warnings";
import { DeploymentCode } from "./deployment-code";
import { UseFollower } from "./follow-uses";
import { LiveModules } from "./live-values";
import type { LocatedCallback } from "./locate";
import { Planning } from "./planning";
import { isReachedData } from "./reached-value";

/** What the parts of an analysis find out, and share. */
export interface Findings {
    readonly planning: Planning;
    readonly live: LiveModules;
    readonly deployment: DeploymentCode;
    /** What deploys although settings and other data of the deployment are taken along. */
    readonly deploymentBesideData: DeploymentCode;
    readonly values: CapturedValues;
    readonly follower: UseFollower;
    readonly warnings: DataWarnings;
    /** Module-level variables decided so far: those that travel as values have an entry. */
    readonly decided: Map<Binding, CapturedValue | "code">;
    /** State that handlers change, by its first use: whether all writes are kept is known at the end only. */
    readonly state: Map<Binding, NodePath<t.Node>>;
}

/**
 * The findings at the beginning: nothing but the callbacks that a program passes to a stage.
 *
 * @param external Packages that are there at run time without being part of the artefact.
 */
export function beginFindings(
    stage: string,
    callbacks: readonly LocatedCallback[],
    external: readonly string[],
    warn: Warn,
): Findings {
    const planning = new Planning(stage, callbacks, external);
    const live = new LiveModules(callbacks);
    const values = new CapturedValues();
    const warnings = new DataWarnings(planning, warn);
    return {
        planning,
        live,
        deployment: new DeploymentCode(),
        deploymentBesideData: new DeploymentCode((file, binding) => isReachedData(planning, live, file, binding)),
        values,
        follower: new UseFollower(planning, values, warnings.onData),
        warnings,
        decided: new Map(),
        state: new Map(),
    };
}
