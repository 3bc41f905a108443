// The plugin that Pulumi's engine starts for resources of AWS where a project names it. It is no provider itself: it
// makes the engine known to the running twin and prints the port on which the twin is one. It must not need more than
// Node's own modules of long ago, since it runs on whatever Node the person has.

import * as http from "node:http";
import * as path from "node:path";
import { readTwinFile, type TwinFile } from "../local/twin-file";
import { homeFolder } from "./home";

/** Runs until the engine ends it, or the twin is gone. @param argv what the engine passes: its address comes last. */
export function plugin(argv: readonly string[]): void {
    try {
        const engine = argv.at(-1);
        if (engine === undefined || !/^127\.0\.0\.1:\d+$/.test(engine)) {
            throw new Error(
                "This is a plugin for Pulumi, which starts it with the address of its engine. Run: pulumi up",
            );
        }
        const home = homeFolder(undefined);
        const twin = readTwinFile(home);
        if (twin === undefined) throw new Error(noTwin(home));
        introduce(twin, engine, (message) => fail(message ?? noTwin(home)));
    } catch (error) {
        fail((error as Error).message);
    }
}

function introduce(twin: TwinFile, engine: string, end: (message?: string) => void): void {
    const request = http.request(`${twin.address}/_sortline/provider`, {
        method: "POST",
        headers: { authorization: `Bearer ${twin.token}`, "content-type": "application/json" },
    });
    // Nobody listens, or somebody else does who knows nothing of the token: the file is left over from a killed twin.
    request.on("error", () => end());
    request.on("response", (response) => {
        let answer = "";
        let told = false;
        response.setEncoding("utf8").on("data", (piece: string) => {
            answer += piece;
            if (told || response.statusCode !== 200 || !answer.includes("\n")) return;
            told = true;
            process.stdout.write(`${portOf(answer)}\n`);
        });
        response.on("error", () => end("The twin ended before the operation did. What it has done is kept."));
        response.on("end", () => {
            if (told) process.exit(0);
            end(response.statusCode === 403 ? undefined : `The twin at ${twin.address} refused: ${answer.trim()}`);
        });
    });
    request.end(JSON.stringify({ engine, folder: path.resolve(".") }));
}

function portOf(answer: string): number {
    return Number(JSON.parse(answer).port);
}

function noTwin(home: string): string {
    return [
        `No twin is running in ${home}, and this project deploys to one.`,
        "Start it in another terminal with: npx sortline start (SORTLINE_HOME says where, if not there).",
    ].join("\n");
}

function fail(message: string): void {
    process.stderr.write(`${message}\n`);
    process.exitCode = 1;
}
