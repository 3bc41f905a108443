import type { AccuracyDifference } from "../../components/runtime/evaluation";
import type { Evaluation } from "./evaluation";
import type { RegisteredModel } from "./models";

/** A model with what its evaluation says. */
export interface JudgedModel {
    readonly model: RegisteredModel;
    readonly evaluation: Evaluation;
    /** Equal for equal test sets; undefined where its job no longer tells. */
    readonly testSet: string | undefined;
}

/** Two models side by side. */
export interface Comparison {
    /** Whether the figures of both are of the same examples; undefined where that is not known. */
    readonly sameTestSet: boolean | undefined;
    readonly sameLabels: boolean;
    /** B less A, example by example, where one was judged beside the other: on the test set of the later one. */
    readonly paired?: AccuracyDifference;
    /** What flatters one of them in that, where something does. */
    readonly flattered?: Flattered;
    readonly figures: readonly Figure[];
    /** F1 by label, where the two differ most first. */
    readonly labels: readonly Figure[];
}

/** A model that has learnt from some of the examples by which it was judged beside a later one. */
export interface Flattered {
    readonly model: "a" | "b";
    /** How many of them. */
    readonly examples: number;
    /** B less A without these; undefined where there are no others. */
    readonly without?: AccuracyDifference;
}

/** A figure of both; undefined where one has none. */
export interface Figure {
    readonly name: string;
    readonly a: number | undefined;
    readonly b: number | undefined;
}

/** Compares two evaluated models. */
export function compareModels(a: JudgedModel, b: JudgedModel): Comparison {
    const beside = pairedWith(a, b) ?? pairedWith(b, a);
    const paired = beside === undefined ? undefined : towardsB(beside.champion.difference, beside.later === b);
    const flattered = beside === undefined ? undefined : flatteredBy(beside.champion, beside.later === b);
    const figure = (name: string, of: (evaluation: Evaluation) => number | undefined): Figure => ({
        name,
        a: of(a.evaluation),
        b: of(b.evaluation),
    });
    const sameTestSet = a.testSet === undefined || b.testSet === undefined ? undefined : a.testSet === b.testSet;
    return {
        sameTestSet,
        sameLabels: a.model.labelsDigest === b.model.labelsDigest,
        ...(paired === undefined ? {} : { paired }),
        ...(flattered === undefined ? {} : { flattered }),
        figures: [
            figure("accuracy", ({ accuracy }) => accuracy),
            figure("macro-F1", ({ macro_f1 }) => macro_f1),
            figure("calibration error", ({ ece }) => ece),
            figure("decides alone", ({ threshold }) => threshold?.coverage),
            figure(
                "test examples",
                ({ test, classes }) => test?.examples ?? sum(classes.map(({ support }) => support)),
            ),
        ],
        labels: labelFigures(a.evaluation, b.evaluation),
    };
}

type JudgedChampion = NonNullable<Evaluation["champion"]>;

/** The evaluation of the later model knows the difference to the champion of its time, and to no other. */
function pairedWith(
    { model }: JudgedModel,
    later: JudgedModel,
): { readonly later: JudgedModel; readonly champion: JudgedChampion } | undefined {
    const { champion } = later.evaluation;
    const names = [model.arn, model.job, model.artefact, String(model.version)];
    return champion !== undefined && names.includes(champion.model) ? { later, champion } : undefined;
}

function towardsB({ accuracy, low, high }: AccuracyDifference, isLater: boolean): AccuracyDifference {
    return isLater ? { accuracy, low, high } : { accuracy: -accuracy, low: -high, high: -low };
}

function flatteredBy({ learntFrom = 0, differenceWithout }: JudgedChampion, bIsLater: boolean): Flattered | undefined {
    if (learntFrom === 0) return undefined;
    return {
        model: bIsLater ? "a" : "b",
        examples: learntFrom,
        ...(differenceWithout === undefined ? {} : { without: towardsB(differenceWithout, bIsLater) }),
    };
}

function labelFigures(a: Evaluation, b: Evaluation): Figure[] {
    const f1 = ({ classes }: Evaluation) => new Map(classes.map((each) => [each.label, each.f1]));
    const [ofA, ofB] = [f1(a), f1(b)];
    const distance = (each: Figure) => Math.abs((each.a ?? 0) - (each.b ?? 0));
    return [...new Set([...ofA.keys(), ...ofB.keys()])]
        .map((name): Figure => ({ name, a: ofA.get(name), b: ofB.get(name) }))
        .sort((x, y) => distance(y) - distance(x) || (x.name < y.name ? -1 : 1));
}

function sum(numbers: readonly number[]): number {
    return numbers.reduce((total, each) => total + each, 0);
}
