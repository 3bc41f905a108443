import type * as pulumi from "@pulumi/pulumi";
import type { PolicyStatement } from "./permissions";

/** The property under which a component carries its run-time side. Shared by symbol key, so two copies of the package agree. */
export const runTimeSide: unique symbol = Symbol.for("sortline.runTimeSide");

/** What one run-time method of a component needs when a handler calls it. */
export interface RunTimeMethod {
    /**
     * Deployment outputs that the method reads at run time. They reach the function as environment variables; a secret one
     * as an encrypted parameter that is read at cold start.
     */
    readonly outputs: Readonly<Record<string, pulumi.Input<string>>>;
    /** What the function's role must be allowed to do for the method to work. */
    readonly statements: readonly PolicyStatement[];
}

/**
 * The run-time side of a component: what a handler may call on it, and what that takes.
 *
 * `module` is the absolute path of an ES module (TypeScript is fine) that exports one factory per method, named as the
 * method: `export const read = (outputs: { bucket: string }) => async (key: string) => …`. The factory runs once at cold
 * start with the method's outputs; only factories of methods that a handler uses are bundled, and only their statements
 * are granted.
 */
export interface RunTimeSide {
    readonly module: string;
    readonly methods: Readonly<Record<string, RunTimeMethod>>;
}

/** A component that handlers can call. */
export interface HasRunTimeSide {
    readonly [runTimeSide]: RunTimeSide;
}

/** True for a value that declares a run-time side. */
export function hasRunTimeSide(value: unknown): value is HasRunTimeSide {
    return typeof value === "object" && value !== null && runTimeSide in value;
}
