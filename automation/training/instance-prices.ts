import * as fs from "node:fs";
import { badInput } from "../exit";

/** US dollars an hour and instance, by instance type. */
export type Prices = Readonly<Record<string, number>>;

/**
 * List prices of training in us-east-1, on demand, of the types that trainings of texts use
 * (https://aws.amazon.com/sagemaker/ai/pricing/; those of g6 and g6e as several public repositories quote AWS's Price List
 * API for training). Other regions ask up to a third more; `--prices` names one's own.
 */
export const LIST_PRICES: Prices = {
    "ml.m5.large": 0.115,
    "ml.m5.xlarge": 0.23,
    "ml.m5.2xlarge": 0.461,
    "ml.m5.4xlarge": 0.922,
    "ml.c5.xlarge": 0.204,
    "ml.c5.2xlarge": 0.408,
    "ml.g4dn.xlarge": 0.7364,
    "ml.g4dn.2xlarge": 0.94,
    "ml.g5.xlarge": 1.408,
    "ml.g5.2xlarge": 1.515,
    "ml.g5.4xlarge": 2.03,
    "ml.g5.12xlarge": 7.09,
    "ml.g6.xlarge": 1.127,
    "ml.g6.2xlarge": 1.222,
    "ml.g6.4xlarge": 1.654,
    "ml.g6.12xlarge": 5.752,
    "ml.g6e.xlarge": 2.61,
    "ml.g6e.2xlarge": 2.8,
    "ml.g6e.4xlarge": 3.76,
    "ml.g6e.12xlarge": 13.12,
    "ml.p3.2xlarge": 3.825,
};

/** What a job has used. */
export interface UsedInstances {
    readonly type: string;
    readonly count: number;
    /** Billable seconds where they are known, which know of spot prices; else those since it began. */
    readonly seconds: number;
}

/** US dollars; undefined where the price of a type is not known. */
export function costOf(used: readonly UsedInstances[], prices: Prices): number | undefined {
    let sum = 0;
    for (const { type, count, seconds } of used) {
        const price = Object.hasOwn(prices, type) ? prices[type] : undefined;
        if (price === undefined) return undefined;
        sum += (price * count * seconds) / 3600;
    }
    return sum;
}

/** Whether a cost is by the built-in list prices, which are those of one region. */
export function isListed(used: readonly UsedInstances[], prices: Prices): boolean {
    return used.some(({ type }) => Object.hasOwn(LIST_PRICES, type) && prices[type] === LIST_PRICES[type]);
}

/** For example "$1.20", or "unknown". */
export function costText(cost: number | undefined): string {
    if (cost === undefined) return "unknown";
    return `$${cost.toFixed(cost < 0.1 ? 4 : 2)}`;
}

/** Reads prices of one's own: JSON, US dollars an hour by instance type. @throws CommandError exit code 2 */
export function readPrices(file: string): Prices {
    const wanted = 'It must be a JSON object such as {"ml.g5.xlarge": 1.76}: US dollars an hour by instance type.';
    let prices: unknown;
    try {
        prices = JSON.parse(fs.readFileSync(file, "utf8"));
    } catch (error) {
        throw badInput(`--prices ${file} cannot be read: ${(error as Error).message}. ${wanted}`);
    }
    if (typeof prices !== "object" || prices === null || Array.isArray(prices)) {
        throw badInput(`--prices ${file} is no object. ${wanted}`);
    }
    const odd = Object.entries(prices).filter(([, price]) => !(typeof price === "number" && price >= 0));
    if (odd.length > 0) {
        throw badInput(`--prices ${file} has no price for: ${odd.map(([type]) => type).join(", ")}. ${wanted}`);
    }
    return { ...LIST_PRICES, ...(prices as Prices) };
}
