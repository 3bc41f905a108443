import type { Dimension as GivenDimension, MetricDatum } from "@aws-sdk/client-cloudwatch";
import {
    type Dimension,
    hasControlCharacter,
    type Metric,
    type Sample,
    type SampleValue,
    sortedDimensions,
    units,
} from "./metric";

// Ranges as in CloudWatch's API model and the descriptions of its members.
const longestName = 255;
const longestDimensionValue = 1024;
const mostDimensions = 30;
const mostValues = 150;
const largestValue = 2 ** 360;
const day = 86_400_000;

/** Adds what is wrong with a text, naming where it stands. */
export function checkText(problems: string[], at: string, value: unknown, longest: number): value is string {
    if (typeof value !== "string") problems.push(`The parameter ${at} is required.`);
    else if (value.length < 1 || value.length > longest) {
        problems.push(`The parameter ${at} must have 1 to ${longest} characters; it has ${value.length}.`);
    } else if (hasControlCharacter(value)) problems.push(`The parameter ${at} must not have control characters.`);
    else return true;
    return false;
}

export function checkUnit(problems: string[], at: string, unit: string | undefined): void {
    if (unit === undefined || units.has(unit)) return;
    problems.push(`The parameter ${at} must be one of ${[...units].join(", ")}; it is ${unit}.`);
}

/** A metric as requests name it. What is wrong is added to the problems; the result then counts for nothing. */
export function givenMetric(
    problems: string[],
    at: string,
    given: {
        readonly Namespace?: string | undefined;
        readonly MetricName?: string | undefined;
        readonly Dimensions?: readonly GivenDimension[] | undefined;
    },
): Metric {
    const { Namespace: namespace, MetricName: name, Dimensions: dimensions = [] } = given;
    if (checkText(problems, `${at}Namespace`, namespace, longestName) && namespace.startsWith(":")) {
        problems.push(`The parameter ${at}Namespace must not begin with a colon.`);
    }
    checkText(problems, `${at}MetricName`, name, longestName);
    if (dimensions.length > mostDimensions) {
        problems.push(`The collection ${at}Dimensions must have at most ${mostDimensions} members.`);
    }
    dimensions.forEach(({ Name, Value }, index) => {
        const member = `${at}Dimensions.member.${index + 1}`;
        checkText(problems, `${member}.Name`, Name, longestName);
        checkText(problems, `${member}.Value`, Value, longestDimensionValue);
    });
    const names = dimensions.map(({ Name }) => Name);
    if (new Set(names).size < names.length) problems.push(`The names in ${at}Dimensions must be different.`);
    return {
        namespace: namespace ?? "",
        name: name ?? "",
        dimensions: sortedDimensions(dimensions.map(({ Name = "", Value = "" }): Dimension => [Name, Value])),
    };
}

/** One datum of PutMetricData. What is wrong is added to the problems, without the values. */
export function givenSample(
    problems: string[],
    at: string,
    namespace: string | undefined,
    datum: MetricDatum,
    now: number,
): Sample {
    const { Unit: unit = "None", StorageResolution: resolution = 60, Timestamp } = datum;
    const metric = givenMetric(problems, at, { ...datum, Namespace: namespace });
    checkUnit(problems, `${at}Unit`, unit);
    if (resolution !== 1 && resolution !== 60) {
        problems.push(`The parameter ${at}StorageResolution must be 1 or 60; it is ${resolution}.`);
    }
    const time = Timestamp === undefined ? now : Timestamp.getTime();
    if (!(time >= now - 14 * day && time <= now + 7_200_000)) {
        problems.push(`The parameter ${at}Timestamp must be between two weeks before and two hours after the present.`);
    }
    return {
        ...metric,
        unit,
        time,
        resolution: resolution === 1 ? 1 : 60,
        value: sampleValue(problems, at, datum),
    };
}

function sampleValue(problems: string[], at: string, datum: MetricDatum): SampleValue {
    const { Value, Values, Counts, StatisticValues } = datum;
    const given = [Value, Values, StatisticValues].filter((each) => each !== undefined).length;
    if (given !== 1) {
        problems.push(`Exactly one of ${at}Value, ${at}Values and ${at}StatisticValues must be given.`);
    }
    if (StatisticValues !== undefined) {
        const {
            SampleCount = Number.NaN,
            Sum = Number.NaN,
            Minimum = Number.NaN,
            Maximum = Number.NaN,
        } = StatisticValues;
        if (![SampleCount, Sum, Minimum, Maximum].every(isValue) || SampleCount <= 0 || Minimum > Maximum) {
            problems.push(
                `The parameter ${at}StatisticValues must have SampleCount above 0, Sum, and Minimum not above Maximum, all of them numbers of at most 2^360.`,
            );
        }
        return { count: SampleCount, sum: Sum, minimum: Minimum, maximum: Maximum };
    }
    const values = Values ?? (Value === undefined ? [] : [Value]);
    if (!values.every(isValue)) {
        problems.push(`The values of ${at}Value and ${at}Values must be numbers between -2^360 and 2^360.`);
    }
    if (Values !== undefined && (Values.length === 0 || Values.length > mostValues)) {
        problems.push(`The collection ${at}Values must have 1 to ${mostValues} members; it has ${Values.length}.`);
    }
    if (
        Counts !== undefined &&
        (Counts.length !== values.length || !Counts.every((each) => isValue(each) && each > 0))
    ) {
        problems.push(`The collection ${at}Counts must have a number above 0 for each of ${at}Values.`);
    }
    return { values: values.map((value, index) => [value, Counts?.[index] ?? 1] as const) };
}

function isValue(value: unknown): value is number {
    return typeof value === "number" && Number.isFinite(value) && Math.abs(value) <= largestValue;
}
