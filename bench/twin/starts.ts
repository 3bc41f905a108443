// Starts a twin with five stages six times in one process, as a file of tests does, and prints the milliseconds of each.
import { resolve } from "node:path";
import { startLocal } from "../../testing";

async function main(): Promise<void> {
    const times: number[] = [];
    for (let start = 0; start < 6; start++) {
        const began = performance.now();
        const local = await startLocal({ project: resolve(__dirname, "programs/five-stages") });
        times.push(performance.now() - began);
        await local.close();
    }
    process.stdout.write(`${JSON.stringify(times)}\n`);
}

void main();
