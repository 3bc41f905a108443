import type { AccuracyDifference, Evaluation } from "./evaluation";
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
    readonly figures: readonly Figure[];
    /** F1 by label, where the two differ most first. */
    readonly labels: readonly Figure[];
}

/** A figure of both; undefined where one has none. */
export interface Figure {
    readonly name: string;
    readonly a: number | undefined;
    readonly b: number | undefined;
}

/** Compares two evaluated models. */
export function compareModels(a: JudgedModel, b: JudgedModel): Comparison {
    const paired = pairedDifference(a, b);
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

/** The evaluation of the later model knows the difference to the champion of its time, and to no other. */
function pairedDifference(a: JudgedModel, b: JudgedModel): AccuracyDifference | undefined {
    const beside = (candidate: JudgedModel, champion: JudgedModel) => {
        const judged = candidate.evaluation.champion;
        const { model } = champion;
        const names = [model.arn, model.job, model.artefact, String(model.version)];
        return judged !== undefined && names.includes(judged.model) ? judged.difference : undefined;
    };
    const known = beside(b, a);
    if (known !== undefined) return known;
    const reverse = beside(a, b);
    return reverse === undefined ? undefined : { accuracy: -reverse.accuracy, low: -reverse.high, high: -reverse.low };
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
