import * as fs from "node:fs";
import * as path from "node:path";

function portFile(home: string): string {
    return path.join(home, "port");
}

/** The port of the last run in a home: the same again keeps addresses valid that programs hold, such as queue URLs. */
export function lastPort(home: string): number | undefined {
    try {
        const port = Number(fs.readFileSync(portFile(home), "utf8"));
        return Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
    } catch {
        return undefined;
    }
}

export function rememberPort(home: string, port: number): void {
    fs.writeFileSync(portFile(home), `${port}\n`);
}
