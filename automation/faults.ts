import * as fs from "node:fs";
import type { FaultAccount } from "../local/aws/faults";
import { badInput } from "./exit";

/** Reads the file of a fault plan. What stands in it is checked by the twin. @throws CommandError with exit code 2 */
export function readFaults(file: string): unknown {
    let text: string;
    try {
        text = fs.readFileSync(file, "utf8");
    } catch (error) {
        throw badInput(`The fault plan ${file} cannot be read: ${(error as Error).message}.`);
    }
    try {
        return JSON.parse(text) ?? {};
    } catch (error) {
        throw badInput(`The fault plan ${file} is not JSON: ${(error as Error).message}.`);
    }
}

/** Says that faults are on demand, so that nobody takes them for others. */
export function faultsLine({ seed, rules }: FaultAccount): string {
    const count = rules.length === 1 ? "1 rule" : `${rules.length} rules`;
    return `Faults are injected on demand: ${count}, seed ${seed}.`;
}
