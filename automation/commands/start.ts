import colors from "picocolors";
import type { Pace } from "../../local/aws/context";
import { prepareImages } from "../../local/aws/sagemaker/images";
import { tunerPython } from "../../local/aws/sagemaker/tuning/tuner-python";
import type { Watch } from "../../local/watch";
import { connectTo, type TwinConnection } from "../connection";
import { localSources } from "../dataset/local-source";
import { prepareData } from "../dataset/prepare";
import { componentsOf } from "../deployment";
import { badInput, CommandError } from "../exit";
import { faultsLine, readFaults } from "../faults";
import { watchInterruption } from "../interruption";
import { liveTable } from "../live-table";
import { countsLine, resultsTable } from "../mail-table";
import { readMails, sendMails } from "../mails";
import { sortlineCommand } from "../next-command";
import { deploymentProgress, deploymentSummary } from "../progress";
import { pinKey } from "../registry/pin";
import { promote } from "../registry/promotion";
import { countsOf, ResultsReader } from "../results";
import { sampleLabels, sampleMails } from "../samples";
import { untilSettled } from "../settled";
import { printable } from "../terminal";
import { figuresLine, train } from "../training/train";
import { openTwin } from "../twin";
import { watchAndTell } from "../watch";

/** How many of the sample mails arrive before there is a model, to show that mail then goes to people. */
const mailsBeforeModel = 3;

/**
 * Runs the project's program on this machine, shows it at work with the sample mails, and stays up until Ctrl-C.
 * @param options.once ends when the sample mails have settled.
 */
export async function start(options: {
    readonly home: string;
    readonly once: boolean;
    readonly port?: number;
    /** File of a fault plan. */
    readonly faults?: string;
    /** Deploys again whenever the program's source is saved. @default false */
    readonly watch?: boolean;
    /** `aws` keeps AWS's intervals and quotas. @default "fast" */
    readonly pace?: Pace;
}): Promise<void> {
    const say = (line: string) => process.stdout.write(`${line}\n`);
    if (options.once && options.watch === true) throw badInput("Give --once or --watch, not both.");
    const faults = options.faults === undefined ? undefined : readFaults(options.faults);
    const { home, port, pace } = options;
    const keepReady = options.watch === true ? "afterwards" : undefined;
    const twin = await openTwin({ home, port, faults, pace, keepReady, say });
    const connection = connectTo(twin.file, home);
    const interruption = watchInterruption(say);
    let watch: Watch | undefined;
    const ending = new AbortController();
    try {
        say(`${colors.bold("sortline")} · local twin at ${twin.file.address} · state in ${options.home}`);
        const plan = twin.faults();
        if (plan !== undefined) say(faultsLine(plan));
        if (pace === "aws") say("It keeps AWS's intervals and quotas.");
        if (options.watch === true) watch = watchAndTell(twin, say);
        const takesMail = await interruption.during(
            show(connection, say, ending.signal).catch((error: unknown) => {
                // With a watch, a program that cannot be deployed yet is where one begins.
                if (watch === undefined || !(error instanceof CommandError)) throw error;
                say(error.message);
                return true;
            }),
        );
        if (options.once) return;
        say("");
        say(`It stays up. ${colors.dim("Ctrl-C ends it.")} In another terminal:`);
        if (watch !== undefined) say("Save a file of the program, and the next record runs the new code.");
        for (const line of nextCommands(connection, takesMail)) say(line);
        const link = twin.consoleLink();
        if (link !== undefined) say(`  ${link}   counts and the last mails`);
        await interruption.happened;
    } finally {
        ending.abort();
        watch?.close();
        connection.close();
        await twin.close();
        interruption.end();
    }
}

/** What a person may do next, each with what comes of it. */
function nextCommands(connection: TwinConnection, takesMail: boolean): string[] {
    const next = [
        ...(takesMail ? [{ command: "send FILE|FOLDER|MBOX …", gives: "your own mails" }] : []),
        { command: "train --data labels.csv", gives: "a model of your own labels (CSV, JSON Lines)" },
        ...(takesMail ? [{ command: "results", gives: "what became of each mail" }] : []),
    ].map(({ command, gives }) => ({ typed: sortlineCommand(connection, command), gives }));
    const width = Math.max(...next.map(({ typed }) => typed.length));
    return next.map(({ typed, gives }) => `  ${typed.padEnd(width)}   ${gives}`);
}

/**
 * Deploys, trains a first model where none is pinned, and sorts the sample mails.
 * @param ending what is prepared in the background is given up.
 * @returns whether the program takes mail.
 */
async function show(connection: TwinConnection, say: (line: string) => void, ending: AbortSignal): Promise<boolean> {
    say(`\n${colors.bold("Deploying the program")}`);
    await deploy(connection, say);
    const stack = await connection.exportStack();
    // A search that finds it missing makes it, and tells what goes wrong.
    if (componentsOf(stack, "TuningJob").length > 0) tunerPython({ signal: ending }).catch(() => undefined);
    if (componentsOf(stack, "MailIntake").length === 0) {
        say("The program has no MailIntake, so there is nothing to show with sample mails.");
        return false;
    }
    const canTrain = componentsOf(stack, "TrainingJob").length > 0 && componentsOf(stack, "ModelEndpoint").length > 0;
    if (canTrain && (await connection.config())[pinKey] === undefined) {
        say(`\n${colors.bold("Before there is a model")}: mail goes to people`);
        // The first time this takes as long as all the rest; mail need not wait for it.
        const python = preparePython();
        await sort(connection, first(mailsBeforeModel, readMails([sampleMails()])), say);
        await python.ready(say);
        say(`\n${colors.bold("Training a first model")} on the sample labels`);
        const data = await prepareData(localSources([sampleLabels()]), undefined, { columns: {} });
        const { registered, ...result } = await train(connection, data, { onLine: (line) => say(`  ${line}`) });
        say(figuresLine(result));
        say(`\n${colors.bold("Bringing it into service")}: approve, pin, deploy`);
        const model = await promote(connection, registered.arn, deploymentProgress(say));
        say(`Model ${model.version} is in service`);
    }
    say(`\n${colors.bold("Sorting the sample mails")}`);
    await sort(connection, readMails([sampleMails()]), say);
    return true;
}

/** Prepares Python while something else is on the screen; what it tells meanwhile is shown when it is waited for. */
function preparePython(): { ready(say: (line: string) => void): Promise<void> } {
    const told: string[] = [];
    let tell = (line: string) => {
        told.push(line);
    };
    const prepared = prepareImages((line) => tell(`  python: ${line}`));
    prepared.catch(() => undefined);
    return {
        ready: (say) => {
            for (const line of told) say(line);
            tell = say;
            return prepared;
        },
    };
}

async function deploy(connection: TwinConnection, say: (line: string) => void): Promise<void> {
    say(deploymentSummary(await connection.up(deploymentProgress(say))));
}

async function sort(
    connection: TwinConnection,
    mails: Parameters<typeof sendMails>[1],
    say: (line: string) => void,
): Promise<void> {
    const { keys, unsendable } = await sendMails(connection, mails);
    for (const { source, reason } of unsendable) say(`  ${printable(`${source} was not sent: ${reason}`)}.`);
    const table = await liveTable(say);
    const results = await untilSettled(new ResultsReader(connection), new Set(keys), table.show);
    table.end();
    say(resultsTable(results));
    say(countsLine(countsOf(results)));
}

async function* first<Item>(count: number, items: AsyncIterable<Item>): AsyncGenerator<Item> {
    let taken = 0;
    for await (const item of items) {
        if (taken++ >= count) return;
        yield item;
    }
}
