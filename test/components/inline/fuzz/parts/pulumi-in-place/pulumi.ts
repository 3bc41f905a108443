// What a program is given in place of Pulumi where its callbacks are to answer in place: outputs that have their values.
import { settings } from "../settings";

type Known = { get(): unknown; apply(change: (value: never) => unknown): Known };

const valueIn = (value: unknown): unknown => (isKnown(value) ? value.get() : value);
const known = new WeakSet<object>();

function isKnown(value: unknown): value is Known {
    return typeof value === "object" && value !== null && known.has(value);
}

/** An output whose value is known; its properties are outputs too. */
export function output(given: unknown): Known {
    const value = valueIn(given);
    const own: Known = {
        get: () => value,
        apply: (change) => output(change(value as never)),
    };
    const made = new Proxy(own, {
        get: (target, name) =>
            Object.hasOwn(target, name)
                ? target[name as keyof Known]
                : output((value as Record<PropertyKey, unknown> | undefined)?.[name]),
    });
    known.add(made);
    return made;
}

export const interpolate = (texts: TemplateStringsArray, ...values: unknown[]): Known =>
    output(texts.reduce((all, text, index) => `${all}${valueIn(values[index - 1])}${text}`));

export const getStack = (): string => "stack";

export class ComponentResource {
    registerOutputs(): void {}
}

export class Config {
    readonly #project: string;

    constructor(project: string) {
        this.#project = project;
    }

    get(key: string): string | undefined {
        return settings[`${this.#project}:${key}`];
    }

    require(key: string): string {
        return this.get(key) ?? "";
    }

    getObject(key: string): unknown {
        const text = this.get(key);
        return text === undefined ? undefined : JSON.parse(text);
    }

    getNumber(key: string): number | undefined {
        return this.getObject(key) as number | undefined;
    }

    getBoolean(key: string): boolean | undefined {
        return this.getObject(key) as boolean | undefined;
    }
}
