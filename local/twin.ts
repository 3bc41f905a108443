import { randomBytes } from "node:crypto";
import * as path from "node:path";
import { createServices } from "./aws";
import { type Clock, createClock } from "./aws/clock";
import type { Pace, Report, TwinContext } from "./aws/context";
import { createFaults, type FaultAccount, readFaultPlan } from "./aws/faults";
import { createIam } from "./aws/iam";
import { PortInUse } from "./aws/protocol/port";
import { createServer, type Route, type Server } from "./aws/server";
import { type Services, servedOperations } from "./aws/services";
import { openStore, storeFailure } from "./aws/store";
import { syncToDisk } from "./aws/sync";
import { type ConsoleData, createConsole } from "./console";
import { controlRoute } from "./control";
import { lastPort, rememberPort } from "./last-port";
import { lockHome } from "./lock";
import type { KeepReady } from "./pulumi";
import { programNames } from "./pulumi/program-names";
import { createProviderServers } from "./pulumi/provider-server";
import { parseUrn } from "./pulumi/urn";
import { createStack, type Stack, stackName } from "./stack";
import { removeTwinFile, type TwinFile, writeTwinFile } from "./twin-file";

export interface TwinOptions {
    /** Folder that keeps the twin's state; made if need be. One twin at a time. */
    readonly home: string;
    /** Folder of the Pulumi project that it runs. */
    readonly project: string;
    /** Ports to try, in this order; 0 takes any free one. @default the port of the last run in this home, else any */
    readonly ports?: readonly number[];
    /** @default "fast" */
    readonly pace?: Pace;
    /** A fault plan ({@link FaultPlan}), checked here. @default no faults */
    readonly faults?: unknown;
    /**
     * Keeps a process ready for the next deployment of the same program, also by the next twin of this process: it
     * takes a second less then, and some 150 MB of memory meanwhile. @default none
     */
    readonly keepReady?: KeepReady;
    /** What the console page shows. Without it there is no page. */
    readonly console?: (twin: TwinFile) => () => Promise<ConsoleData>;
    /** Called with what the twin has to say to the person who runs it. */
    onReport?(report: Report): void;
}

export interface Twin {
    /** Folder of its state. */
    readonly home: string;
    readonly file: TwinFile;
    /** As `file`, with a token whose calls to services meet no faults: for what watches rather than takes part. */
    readonly observer: TwinFile;
    readonly services: Services;
    readonly stack: Stack;
    readonly clock: Clock;
    /** What was injected since the fault plan came into force; undefined without one. */
    faults(): FaultAccount | undefined;
    /** Puts a fault plan into force, or none where it is undefined; counting begins anew. @throws InvalidFaults */
    setFaults(plan: unknown): void;
    /** A link that opens the console once, or undefined without a console. */
    consoleLink(): string | undefined;
    /** Ends child processes and gives port and home back. What was accepted stays. */
    close(): Promise<void>;
}

/**
 * Starts a local twin in this process.
 * @throws HomeInUse, UnusableHome, PortInUse, StoreError, InvalidFaults
 */
export async function startTwin(options: TwinOptions): Promise<Twin> {
    const unlock = lockHome(options.home);
    const undo: (() => void | Promise<void>)[] = [unlock];
    let closing: Promise<void> | undefined;
    const close = () => {
        closing ??= takeBack(undo);
        return closing;
    };
    try {
        removeTwinFile(options.home);
        // An access key id may not be longer than 128 characters, and the token is one.
        const token = `TWIN${randomBytes(24).toString("hex").toUpperCase()}`;
        const deploymentToken = `${token}DEPLOYMENT`;
        const store = openStore(options.home);
        undo.push(() => store.close());
        const iam = createIam(store);
        const clock = createClock();
        const known = new Map<string, readonly string[]>();
        const faults = createFaults({
            report: (report) => options.onReport?.(report),
            programNames(name) {
                const names = known.get(name) ?? programNames(store, stackName, name);
                if (names.length > 0) known.set(name, names);
                return names;
            },
        });
        let address = "";
        let services: Services | undefined;
        const context: TwinContext = {
            store,
            iam,
            clock,
            pace: options.pace ?? "fast",
            faults,
            address: () => address,
            services: () => {
                if (services === undefined) throw new Error("The twin's services are still being made.");
                return services;
            },
            report: (report) => options.onReport?.(report),
        };
        const made = await createServices(context);
        // The folders that services have made outlive a power failure, as does what will lie in them.
        for (const folder of [options.home, path.dirname(options.home)]) syncToDisk(folder);
        services = made;
        undo.push(async () => {
            await Promise.all(
                Object.values(made).map((service) => ("close" in service ? service.close?.() : undefined)),
            );
        });

        const setFaults = (plan: unknown) =>
            faults.use(plan === undefined || plan === null ? undefined : readFaultPlan(plan, servedOperations(made)));
        setFaults(options.faults);

        let stack: Stack | undefined;
        let file: TwinFile | undefined;
        let load: (() => Promise<ConsoleData>) | undefined;
        const page = options.console
            ? createConsole({
                  load: () => {
                      if (file !== undefined) load ??= options.console?.(file);
                      return load === undefined ? Promise.reject(new Error("the twin is starting")) : load();
                  },
              })
            : undefined;
        const providers = createProviderServers({
            services: made,
            deployed() {
                const [first] = stack?.export().resources ?? [];
                return first && parseUrn(first.urn);
            },
        });
        const consoleLink = () => page?.link(address);
        const routes: Route[] = [
            made.lambda.route,
            controlRoute({
                tokens: [token, deploymentToken],
                stack: () => stack,
                consoleLink,
                usedPermissions: iam.usedPermissions,
                faults: faults.account,
                setFaults,
                serveProvider: (operation) => providers.serve(operation),
            }),
            ...(page ? [page] : []),
        ];
        const server = await listenOnFirst(options.ports ?? [lastPort(options.home) ?? 0, 0], (port) =>
            createServer({ context, rootAccessKeyId: token, deploymentAccessKeyId: deploymentToken, port, routes }),
        );
        undo.push(() => server.close());
        undo.push(() => providers.close());
        // Before the port closes: handlers then end with what they are doing instead of losing the way back.
        undo.push(() => made.lambda.close());
        address = server.address;
        rememberPort(options.home, server.port);

        file = { address, pid: process.pid, token, project: options.project, startedAt: new Date().toISOString() };
        stack = createStack({
            home: options.home,
            project: options.project,
            services: made,
            store,
            address,
            token: deploymentToken,
            keepReady: options.keepReady,
        });
        const content = file;
        writeTwinFile(options.home, content);
        undo.push(() => removeTwinFile(options.home));
        undo.push(() => stack?.close());
        made.lambda.start();
        made.events.start();
        await made.sagemaker.start();
        const observer = { ...content, token: deploymentToken };
        const { account } = faults;
        return {
            home: options.home,
            file: content,
            observer,
            services: made,
            stack,
            clock,
            faults: account,
            setFaults,
            consoleLink,
            close,
        };
    } catch (error) {
        await close().catch(() => undefined);
        throw storeFailure(error, options.home);
    }
}

/** Takes back what was done, the last first. A step that fails must not keep the home locked. */
async function takeBack(steps: readonly (() => void | Promise<void>)[]): Promise<void> {
    const failures: unknown[] = [];
    for (const step of [...steps].reverse()) {
        try {
            await step();
        } catch (error) {
            failures.push(error);
        }
    }
    if (failures.length > 0) throw failures[0];
}

async function listenOnFirst(ports: readonly number[], listen: (port: number) => Promise<Server>): Promise<Server> {
    for (const port of ports) {
        try {
            return await listen(port);
        } catch (error) {
            if (!(error instanceof PortInUse) || port === ports.at(-1)) throw error;
        }
    }
    throw new Error("There is no port to listen on: `ports` is empty.");
}
