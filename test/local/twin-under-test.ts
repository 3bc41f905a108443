// The whole twin behind its real port, in a home of its own, without a program: for what concerns all services.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { PolicyStatement } from "../../local/aws/iam";
import { region, root } from "../../local/aws/service";
import { startTwin, type Twin } from "../../local/twin";

export interface TwinUnderTest {
    readonly twin: Twin;
    /** The folder that keeps its state. */
    readonly home: string;
    /** What SDK clients that call as root are made with. */
    readonly client: ClientOptions;
    /** What SDK clients of a new role are made with. */
    clientOf(roleName: string, statements: readonly PolicyStatement[]): Promise<ClientOptions>;
    /** An answer of the twin's own endpoints. */
    control(path: string, token?: string): Promise<{ status: number; content: unknown }>;
    /** Ends it and starts it again in the same home. */
    restart(): Promise<TwinUnderTest>;
    close(): Promise<void>;
}

export interface ClientOptions {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
    readonly maxAttempts: 1;
}

/** @param project folder of the program that its stack is. @default one with two resources */
export async function startTwinUnderTest(
    home = mkdtempSync(join(tmpdir(), "sortline-twin-")),
    project = resolve(__dirname, "../fixtures/programs/streams"),
): Promise<TwinUnderTest> {
    const twin = await startTwin({ home, project, ports: [0] });
    const { address: endpoint, token } = twin.file;
    const optionsOf = (accessKeyId: string, secretAccessKey: string): ClientOptions => ({
        endpoint,
        region,
        credentials: { accessKeyId, secretAccessKey },
        maxAttempts: 1,
    });
    return {
        twin,
        home,
        client: optionsOf(token, token),
        async clientOf(RoleName, Statement) {
            const { iam } = twin.services;
            const trusted = {
                Effect: "Allow",
                Principal: { Service: "lambda.amazonaws.com" },
                Action: "sts:AssumeRole",
            };
            const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [trusted] });
            const { Role } = await iam.operations.CreateRole({ RoleName, AssumeRolePolicyDocument }, root);
            if (Statement.length > 0) {
                const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
                await iam.operations.PutRolePolicy({ RoleName, PolicyName: "inline", PolicyDocument }, root);
            }
            const key = iam.accessKey(Role.Arn);
            return optionsOf(key.accessKeyId, key.secretAccessKey);
        },
        async control(path, bearer = token) {
            const response = await fetch(`${endpoint}/_sortline/${path}`, {
                headers: { authorization: `Bearer ${bearer}` },
            });
            return { status: response.status, content: await response.json() };
        },
        async restart() {
            await twin.close();
            return startTwinUnderTest(home, project);
        },
        async close() {
            await twin.close();
            rmSync(home, { recursive: true, force: true });
        },
    };
}
