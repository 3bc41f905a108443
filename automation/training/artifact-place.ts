import { isTuning } from "../../components/runtime/run-template";
import { whyDeleted } from "../../components/training/expiring-keys";
import { addressText, isWithin, type S3Address } from "../s3-address";
import type { TrainingDefinition } from "./training-definition";

/**
 * What is wrong with a place for what a run makes: the jobs may use that of their definition, and folders below it.
 * @returns sentences that say which option of the component to set.
 */
export function placeProblems(definition: TrainingDefinition, place: S3Address): string[] {
    const { component, template, templateBucket, artifacts } = definition;
    const given = `--artifacts is ${addressText(place)}`;
    const own = addressText(artifacts);
    if (!isWithin(place, artifacts)) {
        const kind = isTuning(template) ? "TuningJob" : "TrainingJob";
        return [
            `${given}; it must be ${own} or a folder below it, which is what the jobs of "${component.name}" may use. For another place set the option artifacts of that ${kind} in the program, and deploy it.`,
        ];
    }
    const why = place.bucket === templateBucket ? whyDeleted(place.key) : undefined;
    if (why !== undefined) return [`${given}; ${why}. Give another folder of ${own}.`];
    return `/${place.key.slice(artifacts.key.length)}`.includes("/datasets/")
        ? [`${given}, among the data sets, where no job may write; give another folder of ${own}.`]
        : [];
}
