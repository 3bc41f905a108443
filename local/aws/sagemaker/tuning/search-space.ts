import type { HyperParameterScalingType, ParameterRanges } from "@aws-sdk/client-sagemaker";
import type { Problems } from "../validation";

/** The range of one hyperparameter, as the tuner takes it. */
export type SearchRange =
    | { readonly name: string; readonly kind: "categorical"; readonly values: readonly string[] }
    | {
          readonly name: string;
          readonly kind: "integer" | "continuous";
          readonly low: number;
          readonly high: number;
          readonly scaling: "Linear" | "Logarithmic" | "ReverseLogarithmic";
      };

/** From this ratio of a range's ends on, `Auto` searches on a logarithmic scale. AWS does not say when it does. */
const automaticLogarithm = 100;

/** The ranges of a request, in its order: integer, continuous, categorical. */
export function searchRanges(ranges: ParameterRanges | undefined): SearchRange[] {
    const numeric = (kind: "integer" | "continuous", given: NonNullable<ParameterRanges["IntegerParameterRanges"]>) =>
        given.map(({ Name: name = "", MinValue, MaxValue, ScalingType }): SearchRange => {
            const [low, high] = [Number(MinValue), Number(MaxValue)];
            return { name, kind, low, high, scaling: scalingOf(ScalingType, low, high) };
        });
    return [
        ...numeric("integer", ranges?.IntegerParameterRanges ?? []),
        ...numeric("continuous", ranges?.ContinuousParameterRanges ?? []),
        ...(ranges?.CategoricalParameterRanges ?? []).map(
            ({ Name: name = "", Values: values = [] }): SearchRange => ({ name, kind: "categorical", values }),
        ),
    ];
}

function scalingOf(given: HyperParameterScalingType | undefined, low: number, high: number) {
    if (given !== undefined && given !== "Auto") return given;
    return low > 0 && high / low >= automaticLogarithm ? "Logarithmic" : "Linear";
}

/** How many combinations categorical ranges have. */
export function combinations(ranges: readonly SearchRange[]): number {
    return ranges.reduce((count, range) => count * (range.kind === "categorical" ? range.values.length : 1), 1);
}

/** What is wrong with ranges that have the shape of AWS's model. */
export function checkRanges(ranges: ParameterRanges | undefined, statics: readonly string[], problems: Problems): void {
    const all = [
        ...(ranges?.IntegerParameterRanges ?? []),
        ...(ranges?.ContinuousParameterRanges ?? []),
        ...(ranges?.CategoricalParameterRanges ?? []),
    ];
    problems.unsupported(ranges?.AutoParameters, "parameterRanges.autoParameters", "name the ranges");
    if (all.length === 0) problems.add("At least one hyperparameter range must be specified in 'parameterRanges'");
    problems.atMost(all.length, 30, "parameterRanges");
    const seen = new Set<string>();
    for (const { Name = "" } of all) {
        if (seen.has(Name)) problems.add(`The hyperparameter '${Name}' has more than one range`);
        if (statics.includes(Name)) {
            problems.add(`The hyperparameter '${Name}' is in 'staticHyperParameters' and in 'parameterRanges'`);
        }
        if (Name.startsWith("_") || Name.startsWith("sagemaker_")) {
            problems.add(`The hyperparameter '${Name}' is SageMaker's own: it cannot be searched for`);
        }
        seen.add(Name);
    }
    for (const range of ranges?.IntegerParameterRanges ?? []) {
        checkEnds(range, /^[+-]?\d+$/, "a whole number", problems);
        if (range.ScalingType === "ReverseLogarithmic") {
            problems.add(`The range of '${range.Name}': ReverseLogarithmic scaling is for continuous ranges only`);
        }
    }
    for (const range of ranges?.ContinuousParameterRanges ?? []) {
        checkEnds(range, /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/, "a number", problems);
        if (range.ScalingType !== "ReverseLogarithmic") continue;
        if (Number(range.MinValue) >= 0 && Number(range.MaxValue) < 1) continue;
        problems.add(
            `The range of '${range.Name}' is from ${range.MinValue} to ${range.MaxValue}: ReverseLogarithmic scaling takes ranges within 0 <= x < 1`,
        );
    }
    for (const { Name, Values = [] } of ranges?.CategoricalParameterRanges ?? []) {
        if (new Set(Values).size < Values.length) problems.add(`The range of '${Name}' has a value more than once`);
    }
}

type NumericRange = NonNullable<ParameterRanges["IntegerParameterRanges"]>[number];

function checkEnds(
    { Name, MinValue = "", MaxValue = "", ScalingType }: NumericRange,
    written: RegExp,
    what: string,
    problems: Problems,
): void {
    const wrong = [MinValue, MaxValue].filter((end) => !written.test(end) || !Number.isFinite(Number(end)));
    for (const end of wrong) problems.add(`The range of '${Name}' ends at '${end}', which is not ${what}`);
    if (wrong.length > 0) return;
    if (Number(MinValue) >= Number(MaxValue)) {
        problems.add(`The range of '${Name}' is from ${MinValue} to ${MaxValue}: the minimum must be less`);
    }
    if (ScalingType === "Logarithmic" && Number(MinValue) <= 0) {
        problems.add(`The range of '${Name}' begins at ${MinValue}: Logarithmic scaling takes values above 0 only`);
    }
}
