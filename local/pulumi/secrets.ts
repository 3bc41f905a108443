import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isProperties, type Properties, secret, signatureOf, signed, text, transformed, type Value } from "./values";

/** Writes and reads property values whose secrets must not lie in the state in clear. */
export interface SecretsManager {
    seal(properties: Properties): string;
    open(stored: string): Properties;
}

const algorithm = "aes-256-gcm";
const nonceBytes = 12;
const tagBytes = 16;

/** Makes the secrets manager of a folder. Its key, a file for its owner only, is made on first use. */
export function secretsManager(folder: string): SecretsManager {
    const key = readKey(join(folder, "secrets.key"));

    function encrypt(value: Value): string {
        const nonce = randomBytes(nonceBytes);
        const cipher = createCipheriv(algorithm, key, nonce);
        const body = Buffer.concat([cipher.update(JSON.stringify(value), "utf8"), cipher.final()]);
        return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString("base64");
    }

    function decrypt(ciphertext: string): Value {
        const bytes = Buffer.from(ciphertext, "base64");
        const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, nonceBytes));
        decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
        try {
            const body = Buffer.concat([decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()]);
            return JSON.parse(body.toString("utf8"));
        } catch (cause) {
            throw new Error(
                `The stack's secrets do not open with the key in ${join(folder, "secrets.key")}: the file was changed. ` +
                    "Put the earlier key back, or remove the twin's folder to start afresh.",
                { cause },
            );
        }
    }

    return {
        seal: (properties) => JSON.stringify(sealed(properties, encrypt)),
        open: (stored) => {
            const opened = transformed(JSON.parse(stored), (value) => {
                if (signatureOf(value) !== "secret" || !isProperties(value)) return value;
                return secret(decrypt(text(value.ciphertext) ?? ""));
            });
            return isProperties(opened) ? opened : {};
        },
    };
}

/** Seals from the outside in, so that a secret within a secret is sealed with it. */
function sealed(value: Value, encrypt: (value: Value) => string): Value {
    if (Array.isArray(value)) return value.map((item) => sealed(item, encrypt));
    if (!isProperties(value)) return value;
    const hidden = signatureOf(value) === "output" && value.secret === true;
    if (signatureOf(value) === "secret" || hidden) {
        return signed("secret", { ciphertext: encrypt(value.value ?? null) });
    }
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, sealed(member, encrypt)]));
}

function readKey(file: string): Buffer {
    try {
        return readFileSync(file);
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
    // A half-written key would lock the secrets away for good: it appears whole under its name, or not at all.
    const temporary = `${file}.${process.pid}`;
    writeFileSync(temporary, randomBytes(32), { mode: 0o600, flush: true });
    try {
        linkSync(temporary, file);
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    rmSync(temporary);
    return readFileSync(file);
}
