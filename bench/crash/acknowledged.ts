import { closeSync, existsSync, openSync, readFileSync, readSync } from "node:fs";

/** The file to which the client appends what was acknowledged, a line each. */
export interface Acknowledged {
    /** How many lines there are by now. Reads what is new alone. */
    count(): number;
    /** All whole lines. */
    lines(): readonly string[];
}

export function acknowledgedIn(file: string): Acknowledged {
    const buffer = Buffer.alloc(1 << 16);
    let position = 0;
    let count = 0;
    return {
        count() {
            if (!existsSync(file)) return 0;
            const descriptor = openSync(file, "r");
            try {
                for (let read = -1; read !== 0; ) {
                    read = readSync(descriptor, buffer, 0, buffer.length, position);
                    position += read;
                    for (let at = buffer.indexOf(10); at >= 0 && at < read; at = buffer.indexOf(10, at + 1)) count++;
                }
            } finally {
                closeSync(descriptor);
            }
            return count;
        },
        lines: () => (existsSync(file) ? readFileSync(file, "utf8").split("\n").slice(0, -1) : []),
    };
}
