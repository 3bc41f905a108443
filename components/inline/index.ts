import * as pulumi from "@pulumi/pulumi";
import { analyse } from "./analyse";
import { storeArtefact } from "./artefact-cache";
import { bundle } from "./bundle";
import { isPlainData } from "./data";
import { formatLocation, InlineError, type Location } from "./inline-error";
import { locate } from "./locate";
import type { PolicyStatement } from "./run-time-side";
import { locationOf } from "./source-file";
import { type WrittenValues, writeValues } from "./write-values";

export { InlineError, type Location, type Problem } from "./inline-error";
export { runTimeOnly } from "./run-time-only";
export {
    type HasRunTimeSide,
    hasRunTimeSide,
    type PolicyStatement,
    type RunTimeMethod,
    type RunTimeSide,
    runTimeSide,
} from "./run-time-side";

/** A callback of any signature: what `.stage()` and its like take. */
export type InlineCallback = (...args: never[]) => unknown;

/** How an inline callback becomes a Lambda function's code. */
export interface InlineOptions {
    /**
     * Absolute path of the ES module that surrounds the callback: it exports `adapt(callback, settings, callbacks)`, which
     * returns the Lambda handler `(event, context) => Promise<unknown>`.
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
    readonly location: Location;
}

/** Outputs reach the function as environment variables, which anybody who may see the function can read. */
async function refuseSecrets(stage: string, location: Location, values: WrittenValues): Promise<void> {
    const problems = await Promise.all(
        [...values.outputs].map(async ([name, output]) => ((await pulumi.isSecret(output)) ? name : undefined)),
    );
    const secrets = problems.filter((name) => name !== undefined);
    if (secrets.length === 0) return;
    throw new InlineError(
        stage,
        secrets.map((name) => ({
            location,
            what: `"${name}" is a secret, and would stand in the function's environment for all who may look at it`,
            remedy: "Store the secret in AWS Secrets Manager, capture the output of its ARN, and read it in the handler",
        })),
    );
}

/**
 * Makes a Lambda artefact from a function written in a Pulumi program: what it captures travels as code, data or
 * environment variables, and the run-time methods that it calls say what it must be allowed to do.
 *
 * @param stage Name for messages.
 * @throws InlineError when something that the callback captures cannot travel: all problems, each with file, line and column.
 */
export function inline(stage: string, callback: InlineCallback, options: InlineOptions): InlineFunction {
    const { adapter, settings = {}, modules = {}, callbacks = {} } = options;
    const main = locate(stage, callback);
    const others = new Map(Object.entries(callbacks).map(([name, each]) => [name, locate(`${stage}, ${name}`, each)]));
    if (!isPlainData(settings)) {
        const what = "its settings are no plain data";
        throw new InlineError(stage, [
            { location: main.location, what, remedy: "Give numbers, texts, and lists and objects of them" },
        ]);
    }
    const plan = analyse(stage, main, others, (at, file, what) => {
        void pulumi.log.warn(`stage "${stage}": ${what}\n    at ${formatLocation(locationOf(file, at.node))}`);
    });
    const values = writeValues(plan);
    const make = async (): Promise<pulumi.asset.Archive> => {
        await refuseSecrets(stage, main.location, values);
        const files = await bundle(plan, values, { stage, adapter, settings, modules });
        return new pulumi.asset.FileArchive(await storeArtefact(files));
    };
    return {
        code: pulumi.output(make()),
        handler: "index.handler",
        environment: values.environment,
        statements: values.statements,
        location: main.location,
    };
}
