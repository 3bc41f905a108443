import type { FaultAccount } from "../../local/aws/faults";
import { withConnection } from "../connection";
import { badInput } from "../exit";
import { faultsLine, readFaults } from "../faults";
import { plainTable } from "../table";
import { printable } from "../terminal";

/** Shows what was injected on demand; with a file, puts its plan into force first, and with `off` ends it. */
export async function faults(options: {
    readonly home: string;
    readonly file?: string;
    readonly off: boolean;
    readonly json: boolean;
}): Promise<void> {
    const { home, file, off, json } = options;
    if (off && file !== undefined) throw badInput(`Give a plan (${file}) or --off, not both.`);
    const plan = file === undefined ? undefined : readFaults(file);
    await withConnection(home, async (connection) => {
        if (off || plan !== undefined) await connection.setFaults(plan);
        const account = await connection.faults();
        if (json) process.stdout.write(`${JSON.stringify(account ?? null)}\n`);
        else if (account === undefined) process.stdout.write("No faults are injected.\n");
        else process.stdout.write(`${faultsLine(account)}\n${faultTable(account)}\n`);
    });
}

function faultTable({ rules }: FaultAccount): string {
    const table = plainTable(["rule", "fault", "of", "calls", "injected"]);
    for (const [index, { rule, calls, injected }] of rules.entries()) {
        const target =
            "service" in rule
                ? [rule.service, rule.operation ?? "*", rule.resource ?? ""].join(" ")
                : "function" in rule
                  ? `function ${rule.function}`
                  : "endpoint" in rule
                    ? `endpoint ${rule.endpoint}`
                    : `training job ${rule.trainingJob}`;
        table.push([index + 1, rule.fault, target.trim(), calls, injected].map((each) => printable(String(each))));
    }
    return table.toString();
}
