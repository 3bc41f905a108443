// A store, the twin's real services and the embedded engine on them, for the tests.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createServices } from "../../../local/aws";
import { createClock } from "../../../local/aws/clock";
import type { TwinContext } from "../../../local/aws/context";
import { createFaults } from "../../../local/aws/faults";
import { createIam } from "../../../local/aws/iam";
import type { Services } from "../../../local/aws/services";
import { openStore, type Store } from "../../../local/aws/store";
import {
    type DeployOptions,
    type DeployResult,
    deploy,
    destroy,
    type EngineEvent,
    exportStack,
    type ResourceEvent,
    type StackExport,
} from "../../../local/pulumi";

export interface Engine {
    readonly store: Store;
    readonly services: Services;
    /** What happened in the latest run. */
    readonly events: EngineEvent[];
    /** Runs a program of the fixtures, or of another folder by its whole path. */
    deploy(
        program: string,
        config?: Readonly<Record<string, string>>,
        services?: Services,
        more?: Partial<Pick<DeployOptions, "signal" | "onEvent" | "keepReady" | "environment">>,
    ): Promise<DeployResult>;
    destroy(program: string): Promise<DeployResult>;
    export(): StackExport;
    /** Ends it; `keep` leaves the folder for another one. */
    close(keep?: boolean): Promise<void>;
}

/** Where the fixtures' programs lie. */
export const programs = resolve(__dirname, "../../fixtures/programs");

/** Opens an engine on a folder, by default on one of its own that goes when it is closed. */
export async function startEngine(
    folder = mkdtempSync(join(tmpdir(), "sortline-engine-")),
    address = "http://127.0.0.1:1",
): Promise<Engine> {
    const store = openStore(folder);
    const iam = createIam(store);
    let services: Services | undefined;
    const context: TwinContext = {
        store,
        clock: createClock(),
        pace: "fast",
        faults: createFaults(),
        iam,
        address: () => address,
        services: () => {
            if (services === undefined) throw new Error("too early");
            return services;
        },
        report: () => {},
    };
    const made = await createServices(context);
    services = made;
    const events: EngineEvent[] = [];
    const options = (program: string, config: Readonly<Record<string, string>>, used: Services) => ({
        project: resolve(programs, program),
        stack: "local",
        config,
        services: used,
        store,
        address,
        rootAccessKey: { accessKeyId: "root", secretAccessKey: "root" },
        onEvent: (event: EngineEvent) => void events.push(event),
    });
    return {
        store,
        services: made,
        events,
        deploy(program, config = {}, used = made, more = {}) {
            events.length = 0;
            return deploy({ ...options(program, config, used), ...more });
        },
        destroy(program) {
            events.length = 0;
            return destroy(options(program, {}, made));
        },
        export: () => exportStack(store, "local"),
        async close(keep = false) {
            await made.lambda.close();
            for (const service of Object.values(made)) if ("close" in service) await service.close?.();
            store.close();
            if (!keep) rmSync(folder, { recursive: true, force: true });
        },
    };
}

/** `operation name` of what was done, in order, without what stayed the same and without the stack. */
export function done(events: readonly EngineEvent[]): string[] {
    return resourceEvents(events)
        .filter(
            ({ status, operation, type }) => status === "done" && operation !== "same" && !type.startsWith("pulumi:"),
        )
        .map(({ operation, name }) => `${operation} ${name}`);
}

export function resourceEvents(events: readonly EngineEvent[]): ResourceEvent[] {
    return events.filter((event) => event.kind === "resource");
}

/** The services with one operation of one of them replaced. */
export function withOperation<S extends "sqs" | "kinesis" | "sagemaker">(
    services: Services,
    service: S,
    operations: Partial<Services[S]["operations"]>,
): Services {
    const original = services[service];
    return { ...services, [service]: { ...original, operations: { ...original.operations, ...operations } } };
}
