/** Tells how far a bench is, where it does not mix with figures. */
export function progress(line: string): void {
    process.stderr.write(`${line}\n`);
}
