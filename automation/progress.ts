import colors from "picocolors";
import type { DeploymentEvent, DeploymentSummary } from "./connection";

/** Prints a deployment as it goes: a line a resource that changes, and what the program says. */
export function deploymentProgress(
    write: (line: string) => void = (line) => process.stdout.write(`${line}\n`),
): (event: DeploymentEvent) => void {
    const signs = {
        create: colors.green("+"),
        update: colors.yellow("~"),
        replace: colors.yellow("±"),
        delete: colors.red("-"),
        same: " ",
    } as const;
    const changes = new Map<string, string>();
    return (event) => {
        if (event.kind === "output") write(`    ${event.line}`);
        if (event.kind === "log" && event.message.trim() !== "") {
            write(`  ${event.severity === "error" ? colors.red("error") : event.severity} ${event.message.trim()}`);
        }
        if (event.kind !== "resource" || event.operation === "same") return;
        const what = `${signs[event.operation]} ${shortType(event.type).padEnd(34)} ${event.name}`;
        if (event.status === "failed") write(`  ${colors.red("✗")} ${what.slice(2)}: ${event.message ?? "failed"}`);
        if (event.status === "started") changes.set(event.urn, Object.keys(event.properties ?? {}).join(", "));
        if (event.status === "done") {
            const changedNames = changes.get(event.urn) ?? "";
            const changed = event.operation === "update" && changedNames !== "" ? colors.dim(` (${changedNames})`) : "";
            write(`  ${what}${changed}`);
        }
    };
}

/** `aws:kinesis/stream:Stream` -> `aws kinesis Stream`; `sortline:index:EventStream` -> `sortline EventStream`. */
function shortType(type: string): string {
    const [owner = "", module = "", name = ""] = type.split(":");
    const service = module.split("/")[0] ?? "";
    return [owner, service === "index" ? "" : service, name].filter((part) => part !== "").join(" ");
}

export function deploymentSummary(summary: DeploymentSummary): string {
    const past: Record<string, string> = {
        create: "created",
        update: "updated",
        replace: "replaced",
        delete: "deleted",
        same: "unchanged",
    };
    const counts = Object.entries(summary.changes)
        .filter(([, count]) => count > 0)
        .map(([operation, count]) => `${count} ${past[operation] ?? operation}`);
    return `Deployed in ${(summary.milliseconds / 1000).toFixed(1)} s: ${counts.join(", ") || "nothing to do"}.`;
}
