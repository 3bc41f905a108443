import { type Dimension, hasControlCharacter, type Sample, sortedDimensions, units } from "../cloudwatch";

/** What a log line in CloudWatch's embedded metric format comes to. */
export interface EmbeddedMetrics {
    readonly samples: readonly Sample[];
    /** What is wrong with parts of it, without their values. */
    readonly problems: readonly string[];
}

// Bounds of the embedded metric format's specification.
const mostDimensions = 30;
const mostMetrics = 100;
const mostValues = 100;
const longestText = 1024;
const largestValue = 2 ** 360;

/**
 * Reads a log line in the embedded metric format. What is malformed makes no metric and stays in the log, as on AWS; the
 * rest of the line counts.
 * @returns undefined where the line does not claim to be one.
 */
export function embeddedMetrics(message: string): EmbeddedMetrics | undefined {
    // Most lines are none: that is to be seen without parsing them.
    if (!message.includes('"_aws"') || !message.trimStart().startsWith("{")) return undefined;
    let root: unknown;
    try {
        root = JSON.parse(message);
    } catch {
        return { samples: [], problems: ["the line is not JSON"] };
    }
    if (!isRecord(root) || !isRecord(root._aws)) return undefined;
    const { CloudWatchMetrics: directives, Timestamp: time } = root._aws;
    if (directives === undefined) return undefined;
    const problems: string[] = [];
    if (!Array.isArray(directives)) return { samples: [], problems: ["CloudWatchMetrics is not an array"] };
    if (typeof time !== "number" || !Number.isSafeInteger(time) || time < 0) {
        return { samples: [], problems: ["Timestamp is not a time in milliseconds"] };
    }
    const line = root;
    const samples = directives.flatMap((directive, index) =>
        readDirective(directive, line, time, (problem) => problems.push(`CloudWatchMetrics[${index}]${problem}`)),
    );
    return { samples, problems };
}

type Report = (problem: string) => void;
type Line = Readonly<Record<string, unknown>>;

function readDirective(directive: unknown, line: Line, time: number, report: Report): Sample[] {
    if (!isRecord(directive)) return refuse(report, " is not an object");
    const { Namespace: namespace, Dimensions: sets = [[]], Metrics: definitions } = directive;
    if (!isText(namespace))
        return refuse(
            report,
            `.Namespace is not a text of 1 to ${longestText} characters, none of them a control character`,
        );
    if (!Array.isArray(definitions) || definitions.length > mostMetrics) {
        return refuse(report, `.Metrics is not an array of at most ${mostMetrics}`);
    }
    if (!Array.isArray(sets)) return refuse(report, ".Dimensions is not an array");
    const dimensionSets = sets.flatMap((set, index) => {
        const dimensions = readDimensions(set, line, (problem) => report(`.Dimensions[${index}]${problem}`));
        return dimensions === undefined ? [] : [dimensions];
    });
    return definitions.flatMap((definition, index) => {
        const metric = readMetric(definition, line, (problem) => report(`.Metrics[${index}]${problem}`));
        if (metric === undefined) return [];
        return dimensionSets.map((dimensions): Sample => ({ namespace, dimensions, time, ...metric }));
    });
}

function readDimensions(set: unknown, line: Line, report: Report): Dimension[] | undefined {
    if (!Array.isArray(set) || set.length > mostDimensions) {
        report(` is not an array of at most ${mostDimensions} names`);
        return undefined;
    }
    const dimensions: Dimension[] = [];
    for (const name of set) {
        const value = typeof name === "string" && Object.hasOwn(line, name) ? line[name] : undefined;
        if (!isText(name) || !isText(value)) {
            report(
                ` names a member of the line that is not a text of 1 to ${longestText} characters, none of them a control character`,
            );
            return undefined;
        }
        dimensions.push([name, value]);
    }
    return sortedDimensions(dimensions);
}

function readMetric(
    definition: unknown,
    line: Line,
    report: Report,
): Pick<Sample, "name" | "unit" | "resolution" | "value"> | undefined {
    if (!isRecord(definition) || !isText(definition.Name)) {
        report(`.Name is not a text of 1 to ${longestText} characters, none of them a control character`);
        return undefined;
    }
    const { Name: name, Unit: unit = "None", StorageResolution: resolution = 60 } = definition;
    if (typeof unit !== "string" || !units.has(unit)) {
        report(".Unit is none of CloudWatch's");
        return undefined;
    }
    if (resolution !== 1 && resolution !== 60) {
        report(".StorageResolution is neither 1 nor 60");
        return undefined;
    }
    const given = Object.hasOwn(line, name) ? line[name] : undefined;
    const values: unknown[] = Array.isArray(given) ? given : [given];
    if (values.length === 0 || values.length > mostValues || !values.every(isNumber)) {
        report(` names a member of the line that is neither a number nor an array of 1 to ${mostValues} numbers`);
        return undefined;
    }
    return { name, unit, resolution, value: { values: values.map((value) => [value, 1]) } };
}

function refuse(report: Report, problem: string): [] {
    report(problem);
    return [];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
    return typeof value === "string" && value.length >= 1 && value.length <= longestText && !hasControlCharacter(value);
}

function isNumber(value: unknown): value is number {
    return typeof value === "number" && Math.abs(value) <= largestValue;
}
