import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { syncToDisk } from "./sync";

/** Encrypts texts that must not lie in the store in clear, and authenticates them. */
export interface Sealing {
    /** @returns base64, another one each time. */
    seal(text: string): string;
    /** @throws Error when the key is not the one that sealed it, or the sealed text was changed. */
    open(sealed: string): string;
}

const algorithm = "aes-256-gcm";
const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;

/** The sealing of a home folder. Its key, the file `secrets.key` for its owner only, is made on first use. */
export function createSealing(folder: string): Sealing {
    const file = join(folder, "secrets.key");
    let loaded: Buffer | undefined;
    const key = () => {
        loaded ??= readKey(file);
        return loaded;
    };

    return {
        seal(text) {
            const nonce = randomBytes(nonceBytes);
            const cipher = createCipheriv(algorithm, key(), nonce);
            const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
            return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString("base64");
        },
        open(sealed) {
            const bytes = Buffer.from(sealed, "base64");
            try {
                const decipher = createDecipheriv(algorithm, key(), bytes.subarray(0, nonceBytes));
                decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
                const body = [decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()];
                return Buffer.concat(body).toString("utf8");
            } catch (cause) {
                throw new Error(
                    `The twin's secrets do not open with the key in ${file}: the file was changed. ` +
                        "Put the earlier key back, or remove the twin's folder to start afresh.",
                    { cause },
                );
            }
        },
    };
}

function readKey(file: string): Buffer {
    try {
        return readFileSync(file);
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
    // A half-written key would lock the secrets away for good: it appears whole under its name, or not at all.
    const temporary = `${file}.${process.pid}`;
    writeFileSync(temporary, randomBytes(keyBytes), { mode: 0o600, flush: true });
    try {
        linkSync(temporary, file);
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    rmSync(temporary);
    syncToDisk(dirname(file));
    return readFileSync(file);
}
