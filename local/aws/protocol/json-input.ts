import type { NormalizedSchema } from "@smithy/core/schema";
import { AwsError } from "../service";

/** Nothing that fits into a date lies further away, in milliseconds since 1970. */
const farthestDate = 8.64e15;

/**
 * What JSON means by the SDK's model: epoch seconds as dates, null as nothing. Members that the model does not have are
 * passed over, as AWS does with those of newer clients.
 * @throws AwsError SerializationException for a value of another type than the model's
 */
export function readJson(schema: NormalizedSchema, value: unknown, at = "The request's body"): unknown {
    if (schema.isStructSchema()) {
        if (!isRecord(value)) return mistyped(at, "an object");
        const result: Record<string, unknown> = {};
        for (const [name, member] of schema.structIterator()) {
            const given = Object.hasOwn(value, name) ? value[name] : undefined;
            if (given !== undefined && given !== null) result[name] = readJson(member, given, name);
        }
        return result;
    }
    if (schema.isListSchema()) {
        if (!Array.isArray(value)) return mistyped(at, "a list");
        return value.map((one, index) => readJson(schema.getValueSchema(), one, `${at}.member.${index + 1}`));
    }
    if (schema.isMapSchema()) {
        if (!isRecord(value)) return mistyped(at, "an object");
        const entries = Object.entries(value).map(([key, one]) => [key, readJson(schema.getValueSchema(), one, at)]);
        return Object.fromEntries(entries);
    }
    if (schema.isTimestampSchema()) {
        const time = typeof value === "number" ? value * 1000 : Number.NaN;
        return Math.abs(time) <= farthestDate ? new Date(time) : mistyped(at, "a number of seconds");
    }
    if (schema.isNumericSchema()) return numberOf(value, at);
    if (schema.isBooleanSchema()) return typeof value === "boolean" ? value : mistyped(at, "true or false");
    if (schema.isStringSchema()) return typeof value === "string" ? value : mistyped(at, "a string");
    throw new Error(`The model has a type for ${at} that is not read from JSON.`);
}

/** JSON has no numbers for these: they travel as text. */
const unusualNumbers: Readonly<Record<string, number>> = {
    NaN: Number.NaN,
    Infinity: Number.POSITIVE_INFINITY,
    "-Infinity": Number.NEGATIVE_INFINITY,
};

function numberOf(value: unknown, at: string): number {
    if (typeof value === "number") return value;
    const unusual = typeof value === "string" ? unusualNumbers[value] : undefined;
    return unusual ?? mistyped(at, "a number");
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

function mistyped(at: string, expected: string): never {
    throw new AwsError("SerializationException", `${at} must be ${expected}.`);
}
