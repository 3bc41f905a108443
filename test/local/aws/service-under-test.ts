import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClock } from "../../../local/aws/clock";
import { type CloudWatch, createCloudWatch } from "../../../local/aws/cloudwatch";
import type { Pace, Report, TwinContext } from "../../../local/aws/context";
import { createFaults } from "../../../local/aws/faults";
import { createIam, type Iam, newAccessKeyId } from "../../../local/aws/iam";
import { createServer } from "../../../local/aws/server";
import { type AwsService, region, root } from "../../../local/aws/service";
import type { Services } from "../../../local/aws/services";
import { openStore, type Store } from "../../../local/aws/store";

export interface ServiceUnderTest<Service> {
    readonly service: Service;
    readonly context: TwinContext;
    /** What the service's measurements go to. */
    readonly cloudwatch: CloudWatch;
    readonly store: Store;
    readonly iam: Iam;
    readonly folder: string;
    readonly reports: readonly Report[];
    /** Configuration of an SDK client that calls as root. */
    readonly client: ClientConfiguration;
    /** Configuration of an SDK client that calls as a new role with these statements. */
    clientOf(roleName: string, ...statements: object[]): Promise<ClientConfiguration>;
    /** Stops it and starts it again on the same store. */
    restart(): Promise<ServiceUnderTest<Service>>;
    /** Stops it and keeps what it has stored. */
    halt(): Promise<void>;
    /** Stops it and removes what it has stored. */
    stop(): Promise<void>;
}

export interface ClientConfiguration {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
    readonly maxAttempts: 1;
}

/** One service of the twin behind the real port, on a store in a temporary folder. */
export async function startService<Service extends AwsService>(
    create: (context: TwinContext) => Service | Promise<Service>,
    {
        services = {},
        folder = mkdtempSync(join(tmpdir(), "sortline-service-")),
        pace = "fast",
        machineNow,
    }: { services?: object; folder?: string; pace?: Pace; machineNow?: () => number } = {},
): Promise<ServiceUnderTest<Service>> {
    const store = openStore(folder);
    const iam = createIam(store);
    const reports: Report[] = [];
    let address = "";
    const all: Record<string, unknown> = { ...services };
    const context: TwinContext = {
        store,
        clock: createClock(machineNow),
        pace,
        faults: createFaults(),
        iam,
        address: () => address,
        // A test has the services that it needs.
        services: () => all as unknown as Services,
        report: (event) => void reports.push(event),
    };
    // Every service tells it what it measures.
    const cloudwatch = createCloudWatch(context);
    all.cloudwatch = cloudwatch;
    const service = await create(context);
    all.service = service;
    const rootAccessKeyId = newAccessKeyId();
    const server = await createServer({ context, rootAccessKeyId });
    address = server.address;

    function configuration(accessKeyId: string, secretAccessKey = "unused"): ClientConfiguration {
        return { endpoint: address, region, credentials: { accessKeyId, secretAccessKey }, maxAttempts: 1 };
    }

    async function halt(): Promise<void> {
        await service.close?.();
        await cloudwatch.close();
        await server.close();
        store.close();
    }

    return {
        service,
        context,
        cloudwatch,
        store,
        iam,
        folder,
        reports,
        client: configuration(rootAccessKeyId),
        async clientOf(RoleName, ...Statement) {
            const { Role } = await iam.operations.CreateRole(
                {
                    RoleName,
                    AssumeRolePolicyDocument: JSON.stringify({
                        Version: "2012-10-17",
                        Statement: [
                            {
                                Effect: "Allow",
                                Principal: { Service: "lambda.amazonaws.com" },
                                Action: "sts:AssumeRole",
                            },
                        ],
                    }),
                },
                root,
            );
            const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
            await iam.operations.PutRolePolicy({ RoleName, PolicyName: "inline", PolicyDocument }, root);
            const key = iam.accessKey(Role.Arn);
            return configuration(key.accessKeyId, key.secretAccessKey);
        },
        halt,
        async restart() {
            await halt();
            return startService(create, { services, folder, pace, machineNow });
        },
        async stop() {
            await halt();
            rmSync(folder, { recursive: true });
        },
    };
}
