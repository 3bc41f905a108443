import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { StoreError } from "./store-error";

const headerBytes = 32;
const frameHeaderBytes = 24;

/**
 * Looks for damage in the middle of a write-ahead log, which SQLite would take for its end: it would drop what was
 * accepted after that without a word. What a power failure leaves of the last transaction is no damage.
 *
 * The format is documented: https://www.sqlite.org/fileformat2.html#the_write_ahead_log
 * @param file The log; it need not be there.
 * @throws StoreError
 */
export function checkLog(file: string): void {
    let handle: number;
    try {
        handle = openSync(file, "r");
    } catch {
        // There is none: the store was closed. What else is wrong with it, SQLite will say.
        return;
    }
    try {
        const problem = problemIn(handle, fstatSync(handle).size);
        if (problem === undefined) return;
        const { at, what } = problem;
        const cut =
            at === 0
                ? "or delete it, which loses what was accepted since the twin last tidied up"
                : `or cut it off there (truncate -s ${at} ${file}), which loses what was accepted after that`;
        throw new StoreError(`The store's log ${file} is damaged: ${what}. Restore its folder from a backup, ${cut}.`);
    } finally {
        closeSync(handle);
    }
}

function problemIn(handle: number, size: number): { at: number; what: string } | undefined {
    if (size <= headerBytes) return undefined;
    const header = read(handle, 0, headerBytes);
    const magic = header.readUInt32BE(0);
    const sum = checksum(magic === 0x377f0682);
    const wanted = sum([0, 0], header.subarray(0, 24));
    const isHeader = magic === 0x377f0682 || magic === 0x377f0683;
    if (!isHeader || !sameSum(wanted, header, 24)) return { at: 0, what: "its beginning cannot be read" };

    const salts = header.subarray(16, 24);
    const frameBytes = frameHeaderBytes + header.readUInt32BE(8);
    let running = wanted;
    let bad: number | undefined;
    let commitsBehind = 0;
    for (let at = headerBytes; at + frameBytes <= size; at += frameBytes) {
        const frame = read(handle, at, bad === undefined ? frameBytes : frameHeaderBytes);
        const isCurrent = frame.subarray(8, 16).equals(salts);
        if (bad === undefined) {
            running = sum(sum(running, frame.subarray(0, 8)), frame.subarray(frameHeaderBytes));
            if (isCurrent && sameSum(running, frame, 16)) continue;
            bad = at;
        } else if (isCurrent && frame.readUInt32BE(4) > 0) commitsBehind++;
    }
    // One end of a transaction behind it may be that of the last one, which nobody was told of yet.
    if (bad === undefined || commitsBehind < 2) return undefined;
    return { at: bad, what: `what stands at byte ${bad} cannot be read, and more comes behind it` };
}

type Sum = readonly [number, number];

function checksum(littleEndian: boolean): (from: Sum, bytes: Buffer) => Sum {
    return ([first, second], bytes) => {
        let a = first;
        let b = second;
        const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
        for (let at = 0; at + 8 <= bytes.length; at += 8) {
            a = (a + view.getUint32(at, littleEndian) + b) >>> 0;
            b = (b + view.getUint32(at + 4, littleEndian) + a) >>> 0;
        }
        return [a, b];
    };
}

function sameSum([first, second]: Sum, bytes: Buffer, at: number): boolean {
    return bytes.readUInt32BE(at) === first && bytes.readUInt32BE(at + 4) === second;
}

function read(handle: number, at: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    readSync(handle, bytes, 0, length, at);
    return bytes;
}
