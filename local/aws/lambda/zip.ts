import { inflateRawSync } from "node:zlib";

/** A file in an archive. */
export interface ZipEntry {
    readonly path: string;
    readonly data: Buffer;
    /** Unix permissions, where the archive has them. */
    readonly mode: number | undefined;
}

/** Lambda's limit for unpacked code, in bytes. */
const limit = 250 * 1024 * 1024;

const endOfDirectory = 0x06054b50;
const directoryEntry = 0x02014b50;
const localHeader = 0x04034b50;

/**
 * Reads the files of a zip archive (stored or deflated, not encrypted, below 4 GiB).
 * @throws Error that says what is wrong with the archive.
 */
export function readZip(archive: Buffer): ZipEntry[] {
    const end = archive.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
    if (end < 0 || end + 22 > archive.length || archive.readUInt32LE(end) !== endOfDirectory) {
        throw new Error("it is not a zip archive");
    }
    const count = archive.readUInt16LE(end + 10);
    const entries: ZipEntry[] = [];
    let total = 0;
    let at = archive.readUInt32LE(end + 16);
    for (let index = 0; index < count; index++) {
        if (at + 46 > archive.length || archive.readUInt32LE(at) !== directoryEntry) {
            throw new Error(`its directory is damaged at entry ${index + 1} of ${count}`);
        }
        const nameLength = archive.readUInt16LE(at + 28);
        const path = archive.toString("utf8", at + 46, at + 46 + nameLength);
        if (!path.endsWith("/")) {
            total += archive.readUInt32LE(at + 24);
            if (total > limit) throw new Error(`its files are larger than ${limit} bytes`);
            entries.push({ path: safePath(path), data: readEntry(archive, at, path), mode: permissions(archive, at) });
        }
        at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
    }
    return entries;
}

function readEntry(archive: Buffer, at: number, path: string): Buffer {
    const flags = archive.readUInt16LE(at + 8);
    const method = archive.readUInt16LE(at + 10);
    const packedSize = archive.readUInt32LE(at + 20);
    const size = archive.readUInt32LE(at + 24);
    const offset = archive.readUInt32LE(at + 42);
    if ((flags & 1) !== 0) throw new Error(`${path} is encrypted`);
    if (offset + 30 > archive.length || archive.readUInt32LE(offset) !== localHeader) {
        throw new Error(`${path} is missing in it`);
    }
    const start = offset + 30 + archive.readUInt16LE(offset + 26) + archive.readUInt16LE(offset + 28);
    const packed = archive.subarray(start, start + packedSize);
    const data = unpack(packed, method, size, path);
    if (data.length !== size) throw new Error(`${path} is cut short in it`);
    return data;
}

function unpack(packed: Buffer, method: number, size: number, path: string): Buffer {
    if (method === 0) return Buffer.from(packed);
    if (method !== 8) throw new Error(`${path} is packed with method ${method}; stored and deflated are known`);
    // The limit keeps an archive that lies about its sizes from filling the memory.
    return inflateRawSync(packed, { maxOutputLength: Math.max(size, 1) });
}

function permissions(archive: Buffer, at: number): number | undefined {
    const madeOnUnix = archive.readUInt8(at + 5) === 3;
    const mode = (archive.readUInt32LE(at + 38) >>> 16) & 0o777;
    return madeOnUnix && mode !== 0 ? mode : undefined;
}

function safePath(path: string): string {
    if (path.startsWith("/") || path.includes("\\") || path.split("/").includes("..")) {
        throw new Error(`${path} points outside of the archive`);
    }
    return path;
}
