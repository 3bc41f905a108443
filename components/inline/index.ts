import type * as pulumi from "@pulumi/pulumi";
import type { PolicyStatement } from "./run-time-side";

export { type HasRunTimeSide, hasRunTimeSide, type PolicyStatement, type RunTimeMethod, type RunTimeSide, runTimeSide } from "./run-time-side";

/** A callback of any signature: what `.stage()` and its like take. */
export type InlineCallback = (...args: never[]) => unknown;

/** How an inline callback becomes a Lambda function's code. */
export interface InlineOptions {
    /**
     * Absolute path of the ES module that surrounds the callback: it exports `adapt(callback, settings)`, which returns
     * the Lambda handler `(event, context) => Promise<unknown>`.
     */
    readonly adapter: string;
    /** Plain data handed to `adapt` as its second argument; baked into the artefact. @default {} */
    readonly settings?: Readonly<Record<string, unknown>>;
    /** Generated ES modules that the adapter imports by these names, such as compiled validators. @default {} */
    readonly modules?: Readonly<Record<string, string>>;
    /** Further callbacks that the adapter calls by name, such as `partitionBy`: passed to `adapt` as its third argument. @default {} */
    readonly callbacks?: Readonly<Record<string, InlineCallback>>;
}

/** A callback made ready for `aws.lambda.Function`. */
export interface InlineFunction {
    /** A folder archive with `index.js` and `index.js.map`, the same bytes for the same source. Rejects with a readable error. */
    readonly code: pulumi.Output<pulumi.asset.Archive>;
    readonly handler: "index.handler";
    /** Environment variables that carry the outputs the callback captured. */
    readonly environment: Readonly<Record<string, pulumi.Input<string>>>;
    /** What the callback's captured run-time methods must be allowed to do. */
    readonly statements: readonly PolicyStatement[];
    /** Where the callback stands, for messages: absolute file, 1-based line and column. */
    readonly location: { readonly file: string; readonly line: number; readonly column: number };
}

export declare function inline(stage: string, callback: InlineCallback, options: InlineOptions): InlineFunction;
