import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { buildSync } from "esbuild";
import { type Clock, createClock } from "../../../local/aws/clock";
import { createCloudWatch } from "../../../local/aws/cloudwatch";
import type { Pace, Report, TwinContext } from "../../../local/aws/context";
import { createEvents } from "../../../local/aws/events";
import { createFaults, type Faults } from "../../../local/aws/faults";
import { createIam } from "../../../local/aws/iam";
import { createKinesis } from "../../../local/aws/kinesis";
import { createLambda, type Lambda } from "../../../local/aws/lambda";
import { createLogs } from "../../../local/aws/logs";
import { createS3 } from "../../../local/aws/s3";
import { createServer } from "../../../local/aws/server";
import { account, region, root } from "../../../local/aws/service";
import type { Services } from "../../../local/aws/services";
import { createSns } from "../../../local/aws/sns";
import { createSqs } from "../../../local/aws/sqs";
import { createSsm } from "../../../local/aws/ssm";
import { openStore, type Store } from "../../../local/aws/store";
import type { ClientConfiguration } from "./service-under-test";

const rootKey = "ROOTROOTROOTROOTROOT";

/** The services that Lambda works with, on one port. */
export interface LambdaTwin {
    readonly services: Services;
    readonly lambda: Lambda;
    readonly store: Store;
    readonly faults: Faults;
    readonly reports: Report[];
    readonly clock: Clock;
    readonly address: string;
    /** Configuration of an SDK client with root's key. */
    readonly configuration: ClientConfiguration;
    /** The SDK's client with root's key. */
    readonly client: LambdaClient;
    /** Closes the port alone, so that nothing reaches the services any longer. */
    disconnect(): Promise<void>;
    close(): Promise<void>;
}

export async function startLambdaTwin(home: string, { pace = "fast" }: { pace?: Pace } = {}): Promise<LambdaTwin> {
    const clock = createClock();
    const store = openStore(home);
    const iam = createIam(store);
    const reports: Report[] = [];
    let address = "";
    const context: TwinContext = {
        store,
        clock,
        pace,
        faults: createFaults(),
        iam,
        address: () => address,
        services: () => services,
        report: (report) => reports.push(report),
    };
    const lambda = createLambda(context);
    const services = {
        iam,
        cloudwatch: createCloudWatch(context),
        kinesis: createKinesis(context),
        s3: createS3(context),
        sqs: createSqs(context),
        sns: createSns(context),
        ssm: createSsm(context),
        logs: createLogs(context),
        events: createEvents(context),
        lambda,
    } as Services;
    const server = await createServer({ context, rootAccessKeyId: rootKey, routes: [lambda.route] });
    address = server.address;
    lambda.start();
    const configuration: ClientConfiguration = {
        endpoint: address,
        region,
        credentials: { accessKeyId: rootKey, secretAccessKey: "secret" },
        maxAttempts: 1,
    };
    const client = new LambdaClient(configuration);
    return {
        services,
        lambda,
        store,
        faults: context.faults,
        reports,
        clock,
        address,
        configuration,
        client,
        disconnect: server.close,
        async close() {
            client.destroy();
            await lambda.close();
            await server.close();
            await Promise.all([services.kinesis.close?.(), services.s3.close?.(), services.sqs.close?.()]);
            await services.logs.close?.();
            await services.cloudwatch.close();
            store.close();
        },
    };
}

export function temporaryFolder(): { folder: string; remove(): void } {
    const folder = mkdtempSync(join(tmpdir(), "sortline-lambda-"));
    return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** A folder of code, made of TypeScript or JavaScript by esbuild, with a source map. */
export function bundle(folder: string, source: string): string {
    const target = mkdtempSync(join(folder, "code-"));
    buildSync({
        stdin: { contents: source, loader: "ts", resolveDir: __dirname, sourcefile: "index.ts" },
        bundle: true,
        platform: "node",
        format: "cjs",
        sourcemap: "inline",
        outfile: join(target, "index.js"),
    });
    return target;
}

export interface Grant {
    readonly Effect: "Allow";
    readonly Action: readonly string[];
    readonly Resource: string | readonly string[];
}

/** A role that Lambda may assume, with these permissions. */
export async function createRole(twin: LambdaTwin, name: string, grants: readonly Grant[]): Promise<string> {
    await twin.services.iam.operations.CreateRole(
        {
            RoleName: name,
            AssumeRolePolicyDocument: JSON.stringify({
                Version: "2012-10-17",
                Statement: [
                    { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" },
                ],
            }),
        },
        root,
    );
    if (grants.length > 0) {
        const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: grants });
        await twin.services.iam.operations.PutRolePolicy({ RoleName: name, PolicyName: "own", PolicyDocument }, root);
    }
    return `arn:aws:iam::${account}:role/${name}`;
}

/** Resolves when the condition holds. Mocha's own time limit ends a wait for what never comes. */
export async function until<T>(condition: () => T | undefined | false | Promise<T | undefined | false>): Promise<T> {
    for (;;) {
        const value = await condition();
        if (value !== undefined && value !== false) return value;
        await new Promise((resolve) => setTimeout(resolve, 10));
    }
}

export const logsGrant: Grant = {
    Effect: "Allow",
    Action: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
    Resource: "*",
};

/** Is there such a process? */
export function runs(pid: number): boolean {
    try {
        process.kill(pid, 0);
        return true;
    } catch {
        return false;
    }
}
