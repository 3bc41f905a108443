import { isDeepStrictEqual } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import { dataClass, dataWithin, everyValue } from "./data";
import { literal } from "./write-data";

/** Beyond this a table belongs in a file or a bucket, not in a function's code. */
const largestLiteral = 1024 * 1024;

/** Beyond this data cannot be walked through without running out of stack. */
const deepest = 500;

/** The texts in data: keys and numbers, too, and what binary data says when it is read as text. */
function texts(value: unknown): string[] {
    const found: string[] = [];
    everyValue(value, (each) => {
        if (typeof each === "string") found.push(each);
        // A short number occurs by chance.
        else if (typeof each === "number" || typeof each === "bigint")
            found.push(...(String(each).length < 4 ? [] : [String(each)]));
        else if (typeof each === "symbol") found.push(each.description ?? "");
        else if (ArrayBuffer.isView(each))
            found.push(Buffer.from(each.buffer, each.byteOffset, each.byteLength).toString());
        else if (typeof each === "object" && each !== null) {
            const kind = dataClass(each);
            if (kind === "ArrayBuffer") found.push(Buffer.from(each as ArrayBuffer).toString());
            else if (kind === "RegExp") found.push((each as RegExp).source);
            else if (kind === "URL") found.push((each as URL).href);
            else if (kind === undefined) found.push(...Object.keys(each));
        }
        return true;
    });
    return found;
}

// A shorter text occurs in innocent ones by chance.
const longEnough = 8;

interface Secret {
    /** The setting. */
    readonly key: string;
    readonly text: string;
    /** The object in it, where it holds one, and the texts in that. */
    readonly object?: object;
    readonly inside: readonly string[];
}

function readSecret(key: string, text: string): Secret {
    let parsed: unknown;
    try {
        parsed = JSON.parse(text);
    } catch {
        return { key, text, inside: [] };
    }
    if (typeof parsed !== "object" || parsed === null) return { key, text, inside: [] };
    const inside = texts(parsed).filter((each) => each.length >= longEnough);
    return { key, text, object: parsed, inside };
}

/** The stack's secret settings as they stand in the program's memory. */
function secretSettings(): readonly Secret[] {
    // Pulumi exports it, but leaves it out of its declarations.
    const { isConfigSecret } = pulumi.runtime as { isConfigSecret?: (key: string) => boolean };
    return Object.entries(pulumi.runtime.allConfig()).flatMap(([key, value]) =>
        typeof value === "string" && isConfigSecret?.(key) ? [readSecret(key, value)] : [],
    );
}

/** What a text says when it is read as base64, in which credentials are often written. */
function decoded(text: string): string {
    return [...text.matchAll(/[A-Za-z0-9+/_-]{12,}/g)]
        .map(([each]) => Buffer.from(each, "base64").toString())
        .join("\n");
}

/** True where a text holds another one: as it is, in other letters, as a part of a URL, in base64. */
function holds(text: string, secret: string): boolean {
    const wanted = secret.toLowerCase();
    // Half a character has no place in a URL.
    const inUrl = encodeURIComponent(secret.replace(/\p{Surrogate}/gu, ""));
    return (
        [text.toLowerCase(), decoded(text).toLowerCase()].some((each) => each.includes(wanted)) || text.includes(inUrl)
    );
}

/** The setting whose secret value this data holds, as far as it can be recognised. */
export function secretWithin(value: unknown): string | undefined {
    const settings = secretSettings();
    if (settings.length === 0) return undefined;
    const found = texts(value);
    return settings.find(({ text: secret, object, inside }) => {
        if (found.some((text) => text === secret || (secret.length >= longEnough && holds(text, secret)))) return true;
        if (inside.some((each) => found.some((text) => holds(text, each)))) return true;
        return object !== undefined && !everyValue(value, (each) => !isDeepStrictEqual(each, object));
    })?.key;
}

function depthOf(value: unknown): number {
    let depth = 0;
    let level: readonly unknown[] = [value];
    const seen = new Set<unknown>();
    for (; level.length > 0 && depth <= deepest; depth++) {
        level = level.flatMap((each) => {
            if (typeof each !== "object" || each === null || seen.has(each)) return [];
            seen.add(each);
            return dataWithin(each);
        });
    }
    return depth;
}

/** Why data must not be written into an artefact; undefined when it may. */
export function dataProblem(value: unknown): { readonly what: string; readonly remedy: string } | undefined {
    const secret = secretWithin(value);
    if (secret !== undefined) {
        return {
            what: `holds the secret setting "${secret}", which would stand in the function's code`,
            remedy: `Take it as an output, config.requireSecret("${secret.split(":").at(-1)}"), and read it with .get(): it travels encrypted`,
        };
    }
    if (depthOf(value) > deepest) {
        return {
            what: `is nested more than ${deepest} levels deep`,
            remedy: "Put it into a file that the handler imports, or into a bucket",
        };
    }
    const { length } = literal(value);
    if (length <= largestLiteral) return undefined;
    return {
        what: `is ${length} characters long when written down, and at most ${largestLiteral} are taken along`,
        remedy: "Put it into a file that the handler imports, or into a bucket",
    };
}
