import { type Evaluation, labelsOf } from "./evaluation";
import { variables } from "./job-variables";
import { labelsDigest } from "./labels-digest";
import { channelAddress, type DescribedJob, hyperparameter } from "./training-job";

/** SageMaker's limits for a model package's own properties. */
const MOST_PROPERTIES = 50;
const LONGEST_NAME = 128;
const LONGEST_VALUE = 256;
/** What their names and values may not hold. */
const FOREIGN = /[^\p{L}\p{Z}\p{N}_.:/=+\-@]/gu;

/**
 * Where a model comes from and how good it is, as the registry keeps it: names and texts. What is not known is left out,
 * and hyperparameters, which come last, as far as there is room.
 */
export function lineageOf(
    job: DescribedJob,
    evaluationJob: DescribedJob,
    evaluation: Evaluation,
): Record<string, string> {
    const labels = labelsOf(evaluation);
    const dataset = channelAddress(job, "train");
    const source = channelAddress(job, "code") ?? hyperparameter(job, "sagemaker_submit_directory");
    const { champion, baseline, test, threshold } = evaluation;
    const environment = evaluationJob.Environment ?? {};
    const known: Readonly<Record<string, string | number | undefined>> = {
        trainingJob: job.TrainingJobName,
        accuracy: evaluation.accuracy,
        macroF1: evaluation.macro_f1,
        labels: labels.length,
        labelsDigest: labelsDigest(labels),
        cleaning: hyperparameter(job, "cleaning"),
        ece: evaluation.ece,
        algorithm: hyperparameter(job, "algorithm"),
        tuningJob: environment[variables.tuningJob],
        evaluationJob: evaluationJob.TrainingJobName,
        dataset,
        // What lies before it may be called so as well.
        datasetDigest: /.*\/datasets\/([^/]+)\//.exec(dataset ?? "")?.[1],
        testSet: job.Environment?.[variables.testSet],
        testExamples: test?.examples,
        source,
        sourceDigest: /\/source\/([^/]+)\.tar\.gz$/.exec(source ?? "")?.[1],
        trainingImage: job.AlgorithmSpecification?.TrainingImage,
        thresholdProbability: threshold?.probability,
        thresholdPrecision: threshold?.precision,
        thresholdCoverage: threshold?.coverage,
        championPackage: environment[variables.champion],
        championLeftOut: environment[variables.championLeftOut],
        championAccuracy: champion?.accuracy,
        championMacroF1: champion?.macro_f1,
        accuracyDifference: champion?.difference.accuracy,
        accuracyDifferenceLow: champion?.difference.low,
        accuracyDifferenceHigh: champion?.difference.high,
        baselineAccuracy: baseline?.accuracy,
        baselineMacroF1: baseline?.macro_f1,
        ...Object.fromEntries(
            (job.FinalMetricDataList ?? [])
                .filter(({ MetricName: name = "" }) => name.startsWith("validation:"))
                .map(({ MetricName: name = "", Value }) => [name, Value]),
        ),
        ...hyperparametersOf(job),
    };
    const told = Object.entries(known).flatMap(([name, value]) =>
        // SageMaker takes no empty text.
        value === undefined || value === "" || Number.isNaN(value)
            ? []
            : [[fitting(name, LONGEST_NAME), fitting(String(value), LONGEST_VALUE)] as const],
    );
    // Room for what was decided.
    return Object.fromEntries(told.slice(0, MOST_PROPERTIES - 2));
}

/** What the model was trained with, but for what has a name of its own and what is the container's. */
function hyperparametersOf(job: DescribedJob): Record<string, string | undefined> {
    const names = Object.keys(job.HyperParameters ?? {}).filter(
        (name) => !/^(_|sagemaker_)/.test(name) && !["algorithm", "cleaning"].includes(name),
    );
    return Object.fromEntries(names.sort().map((name) => [`hyperparameter:${name}`, hyperparameter(job, name)]));
}

function fitting(text: string, longest: number): string {
    return text.replace(FOREIGN, "_").slice(0, longest);
}
