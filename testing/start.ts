import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { connectTo } from "../automation/connection";
import { listPermissions, type Permission } from "../automation/permissions";
import { stageNamed } from "../automation/stages";
import type { FaultAccount, FaultPlan } from "../local/aws/faults";
import { region } from "../local/aws/service";
import type { DeployResult } from "../local/pulumi";
import { startTwin, type Twin } from "../local/twin";
import { type Watch, watchProgram } from "../local/watch";
import { type TestClock, testClock } from "./clock";
import { newRecords } from "./new-records";
import { objectsThrough } from "./objects";
import { checkOptions, type LocalOptions } from "./options";
import type { RecordOf, StreamName } from "./program";
import { putRecords } from "./put-records";
import { untilSettled } from "./settle";
import {
    invokeStage,
    type RedrivenRecord,
    redriveStage,
    type StageFailure,
    type StageOutcome,
    stageFailures,
} from "./stages";
import { readRecords } from "./streams";
import { streamNamed } from "./target-stream";

/**
 * A program that runs on a twin of its own.
 * @typeParam Program `typeof import("./program")`, which types its exported streams.
 */
export interface Local<Program = unknown> {
    /**
     * Puts a record, or several in their order, on a stream, each in an envelope as stages write it. Records that do
     * not fit the stream's schema may be put: that is what a stage does with them that a test is after.
     * @param options.partitionKey @default the record's `id`, or one of its own
     */
    put<Name extends StreamName<Program>>(
        stream: Name,
        data: RecordOf<Program, Name> | readonly RecordOf<Program, Name>[],
        options?: { readonly partitionKey?: (datum: RecordOf<Program, Name>) => string },
    ): Promise<void>;
    /**
     * Waits until nothing is under way any more.
     * @param options.seconds after which to give up. @default 60
     * @throws Error that names what is still at work.
     */
    settle(options?: { readonly seconds?: number }): Promise<void>;
    /** What is on a stream, oldest first, as it was written: nothing here checks the schema. */
    records<Name extends StreamName<Program>>(stream: Name): Promise<RecordOf<Program, Name>[]>;
    /** What a stage rejected and what ran out of attempts, oldest first. */
    failures(stage: string): Promise<StageFailure[]>;
    /** Gives a stage what it could not process, in order, and nobody else. What it handles now is a failure no more. */
    redrive(stage: string): Promise<RedrivenRecord[]>;
    /** What a stage may do, on what, because of which line. */
    granted(stage: string): readonly Permission[];
    /** Calls a stage's function with data, in one batch if they fit, and tells what became of each. */
    invoke(stage: string, data: readonly unknown[]): Promise<StageOutcome[]>;
    /**
     * Puts faults into force from now on, or ends them. Calls of this object meet none.
     * @throws InvalidFaults with all that is wrong with the plan.
     */
    faults(plan: FaultPlan | undefined): void;
    /** What was injected since the faults came into force; undefined without any. */
    injected(): FaultAccount | undefined;
    readonly clock: TestClock;
    /** Deploys the program as it is now. @throws DeployError */
    up(): Promise<DeployResult>;
    /** The result of the first deployment. */
    readonly deployed: DeployResult;
    /** Undefined without one. */
    readonly watch: Watch | undefined;
    /** What an AWS SDK client is made with to talk to the twin, as root. */
    readonly client: {
        readonly region: string;
        readonly endpoint: string;
        readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
    };
    readonly twin: Twin;
    readonly home: string;
    close(): Promise<void>;
}

/**
 * Starts a twin on a free port and deploys a program on it: a real run for a test.
 * @throws InvalidOptions before anything is made; DeployError when the deployment fails. Nothing is left behind.
 */
export async function startLocal<Program = unknown>(options: LocalOptions): Promise<Local<Program>> {
    checkOptions(options);
    const home = options.home ?? fs.mkdtempSync(path.join(os.tmpdir(), "sortline-"));
    const { faults, pace = "fast", onReport } = options;
    const removeHome = () => {
        if (options.home === undefined) fs.rmSync(home, { recursive: true, force: true });
    };
    const project = path.resolve(options.project);
    const twin = await startTwin({ home, project, ports: [0], faults, pace, onReport, keepReady: "meanwhile" }).catch(
        (error: unknown) => {
            removeHome();
            throw error;
        },
    );
    const connection = connectTo(twin.observer);
    const up = () => twin.stack.up((event) => options.onEvent?.(event));
    const watch = options.watch && watchProgram(twin, options.watch);
    const close = async () => {
        watch?.close();
        connection.close();
        await twin.close();
        removeHome();
    };
    try {
        for (const [key, value] of Object.entries(options.config ?? {})) twin.stack.setConfig(key, value);
        const deployed = await up();
        const { address: endpoint, token } = twin.file;
        return {
            async put(name, data, { partitionKey } = {}) {
                watch?.look();
                const stream = streamNamed(twin.stack.export(), name);
                const about = {
                    partitionKey,
                    store: objectsThrough(connection.clients.s3),
                    now: new Date(twin.clock.now()),
                };
                await putRecords(twin, pace, stream, await newRecords(stream, listed(data), about));
            },
            settle: ({ seconds = 60 } = {}) => untilSettled(twin, seconds, watch),
            // Types follow the program, as far as its stages keep to their schemas: they are checked at run time.
            records: async <Name extends StreamName<Program>>(stream: Name) =>
                (await readRecords(twin, connection, stream)) as RecordOf<Program, Name>[],
            failures: (stage) => stageFailures(twin, connection, stage),
            async redrive(stage) {
                watch?.look();
                return redriveStage(twin, connection, stage);
            },
            granted(stage) {
                const stack = twin.stack.export();
                return listPermissions(stack).filter((each) => each.stage === stageNamed(stack, stage).name);
            },
            async invoke(stage, data) {
                watch?.look();
                return invokeStage(twin, connection, stage, data);
            },
            faults: twin.setFaults,
            injected: twin.faults,
            clock: testClock(twin.clock),
            up,
            deployed,
            watch,
            client: { region, endpoint, credentials: { accessKeyId: token, secretAccessKey: token } },
            twin,
            home,
            close,
        };
    } catch (error) {
        await close();
        throw error;
    }
}

function listed<T>(data: T | readonly T[]): readonly T[] {
    return Array.isArray(data) ? (data as readonly T[]) : [data as T];
}
