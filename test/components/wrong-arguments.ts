import * as pulumi from "@pulumi/pulumi";

const circle: Record<string, unknown> = {};
circle.circle = circle;

/** Values that a program without types may give, by what they are. */
export const values = {
    null: null,
    "an empty text": "",
    "a text": "some text",
    NaN: Number.NaN,
    Infinity: Number.POSITIVE_INFINITY,
    "-1": -1,
    "0": 0,
    "1.5": 1.5,
    true: true,
    "an empty list": [],
    "a list of null": [null],
    "a list of texts": ["some text"],
    "an empty object": {},
    "an object": { some: "thing" },
    "an object without end": circle,
    "a function": () => undefined,
    "a symbol": Symbol("some"),
    "a bigint": 1n,
    "a date": new Date(0),
    "an invalid date": new Date(Number.NaN),
    "a map": new Map([["size", 1]]),
    "an Output": pulumi.output(1),
    "a promise": Promise.resolve(1),
} as const;

export type ValueName = keyof typeof values;

/** A copy of arguments in which the option at a path, such as `batch.size`, has another value. */
export function withOption(args: object, path: string, value: unknown): object {
    const [name = "", ...rest] = path.split(".");
    const within = (args as Record<string, unknown>)[name];
    const inner = typeof within === "object" && within !== null ? within : {};
    return { ...args, [name]: rest.length === 0 ? value : withOption(inner, rest.join("."), value) };
}
