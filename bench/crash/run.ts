import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { connectTo, runningTwin } from "../../automation/connection";
import { startTwin } from "../../local/twin";
import { untilSettled } from "../../testing/settle";
import { type Acknowledged, acknowledgedIn } from "./acknowledged";
import { examine, type Findings, type Places } from "./findings";
import { momentOf } from "./moments";

const project = resolve(__dirname, "programs/pipeline");

/** What came of it, and how many records a second were acknowledged while a twin was up. */
export interface CrashResult extends Findings {
    readonly acknowledgedPerSecond: number;
}

/**
 * Kills a twin with SIGKILL at moments from a seed, while a client in another process puts records and objects and a
 * pipeline works on them; starts it again each time; and compares in the end what was acknowledged with what is there.
 */
export async function crash(options: {
    readonly kills: number;
    readonly seed: string;
    onRound?(round: number): void;
}): Promise<CrashResult> {
    const folder = mkdtempSync(join(tmpdir(), "sortline-crash-"));
    const home = join(folder, "home");
    const file = join(folder, "acknowledged.log");
    const log = acknowledgedIn(file);
    let twin: ChildProcess | undefined;
    let writer: ChildProcess | undefined;
    try {
        const places = await deployed(home);
        writer = spawnScript("writer.ts", [home, places.input, places.objects, file]);
        let up = 0;
        let counted = 0;
        for (let round = 0; round < options.kills; round++) {
            options.onRound?.(round);
            const moment = momentOf(options.seed, round);
            const before = log.count();
            twin = spawnScript("twin.ts", [home, project]);
            const ended = once(twin, "exit");
            if ("milliseconds" in moment) await wait(moment.milliseconds);
            else {
                up += await acknowledgedSince(log, before + moment.acknowledged, twin, home);
                counted += log.count() - before;
            }
            twin.kill("SIGKILL");
            const [code, signal] = (await ended) as [number | null, string | null];
            if (signal !== "SIGKILL") throw new Error(`The twin ended with ${code ?? signal} in round ${round}.`);
        }
        writer.kill("SIGTERM");
        await once(writer, "exit");
        return { ...(await settled(home, places, log.lines())), acknowledgedPerSecond: counted / up };
    } finally {
        twin?.kill("SIGKILL");
        writer?.kill("SIGKILL");
        rmSync(folder, { recursive: true, force: true });
    }
}

function spawnScript(name: string, parameters: readonly string[]): ChildProcess {
    return spawn(process.execPath, ["--import=tsx", resolve(__dirname, name), ...parameters], {
        stdio: ["ignore", "ignore", "inherit"],
        env: { ...process.env, NODE_NO_WARNINGS: "1" },
    });
}

async function deployed(home: string): Promise<Places> {
    const twin = await startTwin({ home, project, ports: [0] });
    try {
        const { outputs } = await twin.stack.up(() => undefined);
        const stream = (name: string) => (outputs[name] as { streamName: string }).streamName;
        return {
            input: stream("input"),
            output: stream("output"),
            kept: stream("kept"),
            objects: String(outputs.objects),
            table: String(outputs.table),
        };
    } finally {
        await twin.close();
    }
}

/** Waits until a client has been told so much. @returns for how many seconds the twin was up. */
async function acknowledgedSince(log: Acknowledged, count: number, twin: ChildProcess, home: string): Promise<number> {
    while (runningTwin(home)?.pid !== twin.pid && twin.exitCode === null) await wait(5);
    const began = performance.now();
    while (log.count() < count && twin.exitCode === null) await wait(10);
    return (performance.now() - began) / 1000;
}

async function settled(home: string, places: Places, log: readonly string[]): Promise<Findings> {
    const twin = await startTwin({ home, project, ports: [0] });
    const connection = connectTo(twin.file);
    try {
        await untilSettled(twin, 600);
        return await examine(connection, places, log);
    } finally {
        connection.close();
        await twin.close();
    }
}
