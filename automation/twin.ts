import type { Pace } from "../local/aws/context";
import { InvalidFaults } from "../local/aws/faults";
import { PortInUse } from "../local/aws/protocol/port";
import { lastPort } from "../local/last-port";
import { HomeInUse, UnusableHome } from "../local/lock";
import type { KeepReady } from "../local/pulumi";
import { startTwin, type Twin } from "../local/twin";
import { readTwinFile } from "../local/twin-file";
import { connectTo, type TwinConnection } from "./connection";
import { badInput, CommandError } from "./exit";
import { projectFolder } from "./home";
import { watchInterruption } from "./interruption";
import { asJson } from "./mail-table";
import { sortlineCommand } from "./next-command";
import { deploymentSummary } from "./progress";
import { countsOf, ResultsReader } from "./results";
import { printable } from "./terminal";

/** The ports that a new twin tries, in this order. */
const defaultPorts = Array.from({ length: 20 }, (_, index) => 4580 + index);

/**
 * Starts a twin in this process.
 * @param port an explicit port, which must be free; without one the home's last port or the next free one is taken.
 * @throws CommandError when the home or the port is in use, with what to do.
 */
export async function openTwin(options: {
    readonly home: string;
    readonly port?: number;
    /** A fault plan. @default no faults */
    readonly faults?: unknown;
    /** @default "fast" */
    readonly pace?: Pace;
    /** Keeps a process ready for the next deployment. @default none */
    readonly keepReady?: KeepReady;
    readonly say: (line: string) => void;
}): Promise<Twin> {
    const { home, port, faults, pace, keepReady, say } = options;
    const project = projectFolder();
    const last = lastPort(home);
    const ports = port === undefined ? [...(last === undefined ? [] : [last]), ...defaultPorts] : [port];
    try {
        const twin = await startTwin({
            home,
            project,
            ports,
            faults,
            pace,
            keepReady,
            onReport: ({ level, source, message }) => {
                if (level !== "info") say(`  ${level} ${source}: ${printable(message)}`);
            },
            console: (file) => {
                const reader = new ResultsReader(connectTo(file));
                return async () => {
                    const results = await reader.read();
                    return { counts: countsOf(results), mails: results.slice(-50).reverse().map(asJson) };
                };
            },
        });
        if (port === undefined && !twin.file.address.endsWith(`:${ports[0]}`)) {
            say(`Port ${ports[0]} is in use, so the twin is at ${twin.file.address}.`);
        }
        return twin;
    } catch (error) {
        if (error instanceof HomeInUse) {
            const other = readTwinFile(home);
            const where = other === undefined ? "" : ` (process ${other.pid}, ${other.address})`;
            throw new CommandError(
                `A twin is already running for ${home}${where}.\nUse it (${sortlineCommand({ home }, "status")}), end it with Ctrl-C where it runs, or start another with --home FOLDER.`,
            );
        }
        if (error instanceof UnusableHome) {
            throw badInput(
                `${error.message} Give --home (or SORTLINE_HOME) a new folder, or one that a twin has made.`,
            );
        }
        if (error instanceof InvalidFaults) throw badInput(error.message);
        if (error instanceof PortInUse) {
            throw new CommandError(
                port === undefined
                    ? `The ports ${ports.join(", ")} are all in use. Choose another with --port.`
                    : `Port ${port} is in use by another program. Choose another with --port, or leave --port out.`,
            );
        }
        throw error;
    }
}

/** Runs some work with a twin of its own, deployed, and ends the twin afterwards. */
export async function withTwin(
    home: string,
    say: (line: string) => void,
    work: (connection: TwinConnection) => Promise<void>,
): Promise<void> {
    const twin = await openTwin({ home, say });
    const connection = connectTo(twin.file, home);
    const interruption = watchInterruption(say);
    const deployAndWork = async () => {
        say(`No twin is running for ${home}: one runs until this is done.`);
        say(deploymentSummary(await connection.up(() => undefined)));
        await work(connection);
    };
    try {
        await interruption.during(deployAndWork());
    } finally {
        connection.close();
        await twin.close();
        interruption.end();
    }
}
