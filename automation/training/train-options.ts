import * as fs from "node:fs";
import type { RunLimits } from "../../components/runtime/run-template";
import { S3_FOLDER, s3Folder } from "../../components/s3-folder";
import { LONGEST_SEARCH_HOURS, MOST_PARALLEL_TRIALS, MOST_TRIALS } from "../../components/training/run-limits";
import { type Delimiter, delimiterNames, delimiters } from "../dataset/format";
import { isEncoding } from "../dataset/guessed-encoding";
import type { PrepareOptions } from "../dataset/prepare";
import { badInput, CommandError } from "../exit";
import { isS3, type S3Address, s3Address } from "../s3-address";
import { LIST_PRICES, type Prices, readPrices } from "./instance-prices";

/** What was typed after `train`. */
export interface TrainArguments {
    readonly data?: readonly string[];
    readonly test?: readonly string[];
    readonly algorithm?: string;
    readonly name?: string;
    readonly jobs?: string;
    readonly parallel?: string;
    readonly hours?: string;
    readonly artifacts?: string;
    readonly output?: string;
    /** The name of a job: follow that; `true` without data: the one under way; `false`: start and return. @default true */
    readonly follow?: boolean | string;
    readonly force?: boolean;
    readonly dryRun?: boolean;
    readonly json?: boolean;
    readonly text?: string;
    readonly label?: string;
    readonly id?: string | false;
    readonly encoding?: string;
    readonly delimiter?: string;
    readonly minimum?: string;
    readonly prices?: string;
}

/** The same, checked. */
export interface TrainOptions {
    /** Empty where a run is only followed. */
    readonly data: readonly string[];
    readonly test: readonly string[] | undefined;
    /** Name of the run to follow, instead of a start; `true` for the one that is under way. */
    readonly followed: string | true | undefined;
    readonly follow: boolean;
    readonly limits: RunLimits;
    /** Where data set and models go. */
    readonly artifacts: S3Address | undefined;
    readonly prices: Prices;
    readonly reading: PrepareOptions;
}

/** Hours that a run may be given at least: three minutes. */
export const SHORTEST_HOURS = 0.05;

/** What says how a run is started, and of what. */
const OF_A_START = [
    "data",
    "test",
    "jobs",
    "parallel",
    "hours",
    "artifacts",
    "dryRun",
    "force",
    "text",
    "label",
    "id",
    "encoding",
    "delimiter",
    "minimum",
] as const;
/** What chooses a job of the program, where no run is named. */
const OF_A_DEFINITION = ["name", "algorithm"] as const;

/** @throws CommandError exit code 2 with everything that is wrong. */
export function checkTrainArguments(given: TrainArguments): TrainOptions {
    const problems: string[] = [];
    const number = (option: string, text: string | undefined, from: number, to: number, whole: boolean) => {
        if (text === undefined) return undefined;
        const value = Number(text);
        if (text.trim() !== "" && value >= from && value <= to && (!whole || Number.isInteger(value))) return value;
        problems.push(
            `${option} is ${JSON.stringify(text)}; it must be a ${whole ? "whole " : ""}number from ${from} to ${to}.`,
        );
        return undefined;
    };
    const takenUp = given.follow === true && given.data === undefined ? true : undefined;
    const followed = typeof given.follow === "string" ? given.follow : takenUp;
    if (followed === undefined && given.data === undefined) {
        problems.push("--data is missing: the files, folders or S3 addresses of the labelled records.");
    }
    if (followed !== undefined) {
        const others = [...OF_A_START, ...(followed === true ? [] : OF_A_DEFINITION)].filter(
            (option) => given[option] !== undefined,
        );
        if (others.length > 0) {
            problems.push(
                `--follow${followed === true ? "" : ` ${followed}`} follows a run that was started already, so it takes no ${others.map((option) => typed(option, given)).join(", ")}.`,
            );
        }
    }
    if (given.follow === false && given.output !== undefined) {
        problems.push("--output needs the end of the run, which --no-follow does not wait for.");
    }
    if (given.algorithm !== undefined && !["linear", "bert"].includes(given.algorithm)) {
        problems.push(`--algorithm is ${JSON.stringify(given.algorithm)}; it must be linear or bert.`);
    }
    if (given.encoding !== undefined && !isEncoding(given.encoding)) {
        problems.push(
            `--encoding is ${JSON.stringify(given.encoding)}; it must be one such as utf-8, utf-16le, windows-1252 or iso-8859-15.`,
        );
    }
    const delimiter = given.delimiter === undefined ? undefined : delimiterOf(given.delimiter);
    if (given.delimiter !== undefined && delimiter === undefined) {
        problems.push(`--delimiter is ${JSON.stringify(given.delimiter)}; it must be comma, semicolon, tab or pipe.`);
    }
    const jobs = number("--jobs", given.jobs, 1, MOST_TRIALS, true);
    const parallel = number("--parallel", given.parallel, 1, MOST_PARALLEL_TRIALS, true);
    const hours = number("--hours", given.hours, SHORTEST_HOURS, LONGEST_SEARCH_HOURS, false);
    const minimum = number("--minimum", given.minimum, 1, 1_000_000, true);
    if (jobs !== undefined && parallel !== undefined && parallel > jobs) {
        problems.push(`--parallel is ${parallel}, and --jobs ${jobs}: no more can run at a time than there are.`);
    }
    const artifacts = given.artifacts === undefined ? undefined : s3Folder(given.artifacts);
    if (given.artifacts !== undefined && artifacts === undefined) {
        problems.push(`--artifacts is ${JSON.stringify(given.artifacts)}; it must be ${S3_FOLDER}.`);
    }
    const checked = <Value>(read: () => Value): Value | undefined => {
        try {
            return read();
        } catch (error) {
            if (!(error instanceof CommandError)) throw error;
            problems.push(error.message);
            return undefined;
        }
    };
    for (const each of [...(given.data ?? []), ...(given.test ?? [])]) if (isS3(each)) checked(() => s3Address(each));
    const { prices: file, output } = given;
    const prices = file === undefined ? undefined : checked(() => readPrices(file));
    if (output !== undefined && problems.length === 0) checked(() => checkOutput(output));
    if (problems.length > 0) throw badInput(problems.join("\n"));
    return {
        data: given.data ?? [],
        test: given.test,
        followed,
        follow: given.follow !== false,
        limits: { jobs, parallel, seconds: hours === undefined ? undefined : Math.round(hours * 3600) },
        artifacts,
        prices: prices ?? LIST_PRICES,
        reading: {
            columns: {
                text: given.text?.split(",").map((name) => name.trim()),
                label: given.label,
                id: given.id,
            },
            encoding: given.encoding,
            delimiter,
            minimum,
        },
    };
}

function typed(option: (typeof OF_A_START | typeof OF_A_DEFINITION)[number], given: TrainArguments): string {
    if (option === "dryRun") return "--dry-run";
    return option === "id" && given.id === false ? "--no-id" : `--${option}`;
}

/** Said before the training, which takes minutes, rather than after it. Makes the folder. */
function checkOutput(folder: string): void {
    try {
        fs.mkdirSync(folder, { recursive: true });
        fs.accessSync(folder, fs.constants.W_OK);
    } catch (error) {
        throw badInput(`--output ${folder} cannot be written: ${(error as Error).message}. Give a folder.`);
    }
}

function delimiterOf(text: string): Delimiter | undefined {
    return delimiters.find(
        (each) => each === text || delimiterNames[each] === text.toLowerCase() || (each === "\t" && text === "\\t"),
    );
}
