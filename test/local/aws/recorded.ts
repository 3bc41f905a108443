import assert from "node:assert/strict";
import { account, partition, region } from "../../../local/aws/service";

/** JSON as it was recorded on AWS, with placeholders for what differs from run to run. */
export type Recorded = Readonly<Record<string, unknown>>;

/** What stands for the account in the recordings. */
const recordedAccount = "111111111111";

const isoTime = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?Z`;

/**
 * The placeholders of the recordings that stand for texts or parts of them, and what may stand in their place. A numbered
 * one, such as `<uuid:1>`, is the same value wherever it stands, and no other has that value.
 */
const placeholders: Readonly<Record<string, string>> = {
    partition,
    region,
    resource: "[A-Za-z0-9_.-]+",
    uuid: "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "sequence-number": String.raw`\d{20,}`,
    "start-sequence-number": String.raw`\d{20,}`,
    "kinesis-shard-id": String.raw`shardId-\d{12}`,
    "m-d5-of-body": "[0-9a-f]{32}",
    "receipt-handle": "[A-Za-z0-9+/=_-]+",
    datetime: isoTime,
    "timestamp:2022-07-13T13:48:01.000Z": isoTime,
    signature: "[A-Za-z0-9+/=]+",
    "cert-domain": "https?://[^/]+",
    "signing-cert-file:1": String.raw`[A-Za-z0-9-]+\.pem`,
    "unsubscribe-domain": "https?://[^/]+",
};

/** The placeholders that stand for a number of their own. */
const numbers: Readonly<Record<string, RegExp>> = {
    // Seconds since 1970.
    "<approximate-arrival-timestamp>": /^\d{10}(?:\.\d+)?$/,
    "<execution-start>": /^\d{10}(?:\.\d+)?$/,
};

/** Compares what the twin says with recordings. Placeholders keep their value from one comparison to the next. */
export function createComparison() {
    const values = new Map<string, string>();
    const owners = new Map<string, string>();

    function bind(placeholder: string, value: string, at: string): void {
        const known = values.get(placeholder);
        assert.equal(value, known ?? value, `${at}: ${placeholder} is ${known} elsewhere`);
        const owner = owners.get(value);
        assert.equal(placeholder, owner ?? placeholder, `${at}: ${value} is ${owner} elsewhere`);
        values.set(placeholder, value);
        owners.set(value, placeholder);
    }

    function compareText(actual: unknown, recorded: string, at: string): void {
        assert.equal(typeof actual, "string", `${at}: ${String(actual)} is no text, where ${recorded} was recorded`);
        const names: string[] = [];
        const parts = recorded.replaceAll(recordedAccount, account).split(/<([^<>]+)>/);
        const source = parts.map((part, index) => {
            if (index % 2 === 0) return part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
            const form = placeholders[part] ?? placeholders[part.replace(/:\d+$/, "")];
            assert.ok(form !== undefined, `${at}: <${part}> is an unknown placeholder`);
            names.push(part);
            return `(${form})`;
        });
        const found = new RegExp(`^${source.join("")}$`).exec(String(actual));
        assert.ok(found !== null, `${at}: ${String(actual)} stands where ${recorded} was recorded`);
        names.forEach((name, index) => {
            if (/:\d+$/.test(name) && !name.startsWith("timestamp:")) bind(name, found[index + 1] ?? "", at);
        });
    }

    /** The whole value: no member, item or digit more or less than was recorded. */
    function compare(actual: unknown, recorded: unknown, at: string): void {
        const number = typeof recorded === "string" ? numbers[recorded] : undefined;
        if (number !== undefined) {
            assert.equal(
                typeof actual,
                "number",
                `${at}: ${String(actual)} is no number, where ${recorded} was recorded`,
            );
            assert.match(String(actual), number, at);
        } else if (typeof recorded === "string") {
            compareText(actual, recorded, at);
        } else if (typeof recorded !== "object" || recorded === null) {
            assert.equal(actual, recorded, at);
        } else if (typeof actual === "string") {
            // JSON within JSON, which was recorded as what it says.
            compare(JSON.parse(actual), recorded, at);
        } else if (Array.isArray(recorded)) {
            assert.ok(Array.isArray(actual), `${at}: ${String(actual)} stands where an array was recorded`);
            assert.equal(actual.length, recorded.length, `${at}: the number of items`);
            recorded.forEach((item, index) => {
                compare(actual[index], item, `${at}[${index}]`);
            });
        } else {
            assert.ok(isRecord(actual), `${at}: ${String(actual)} stands where an object was recorded`);
            assert.deepEqual(Object.keys(actual).sort(), Object.keys(recorded).sort(), `${at}: the members`);
            for (const [name, value] of Object.entries(recorded)) compare(actual[name], value, `${at}.${name}`);
        }
    }

    return {
        /** @param actual An answer as {@link answered} or {@link refused} makes it, or anything of JSON. */
        matches(actual: unknown, recorded: unknown, name: string): void {
            compare(JSON.parse(JSON.stringify(actual)), recorded, name);
        },
    };
}

/** An answer of the SDK's client in the form of the recordings. */
export function answered({
    $metadata,
    ...output
}: {
    readonly $metadata: { readonly httpStatusCode?: number };
}): object {
    return { ...output, ResponseMetadata: { HTTPHeaders: {}, HTTPStatusCode: $metadata.httpStatusCode } };
}

/** The error of the SDK's client in the form of the recordings. */
export async function refused(call: Promise<unknown>): Promise<object> {
    const error: unknown = await call.then(
        () => assert.fail("it is refused"),
        (reason: unknown) => reason,
    );
    assert.ok(error instanceof Error && "$metadata" in error && isRecord(error.$metadata), String(error));
    const { name, message } = error;
    return {
        Error: { Code: name, Message: message },
        message,
        ...("Type" in error ? { Type: error.Type } : {}),
        ResponseMetadata: { HTTPHeaders: {}, HTTPStatusCode: error.$metadata.httpStatusCode },
    };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
