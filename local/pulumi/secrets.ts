import { createSealing } from "../aws/sealing";
import { isProperties, type Properties, secret, signatureOf, signed, text, transformed, type Value } from "./values";

/** Writes and reads property values whose secrets must not lie in the state in clear. */
export interface SecretsManager {
    seal(properties: Properties): string;
    open(stored: string): Properties;
}

/** Makes the secrets manager of a home folder. */
export function secretsManager(folder: string): SecretsManager {
    const sealing = createSealing(folder);
    return {
        seal: (properties) => JSON.stringify(sealed(properties, (value) => sealing.seal(JSON.stringify(value)))),
        open: (stored) => {
            const opened = transformed(JSON.parse(stored), (value) => {
                if (signatureOf(value) !== "secret" || !isProperties(value)) return value;
                return secret(JSON.parse(sealing.open(text(value.ciphertext) ?? "")));
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
