import type { S3Client } from "@aws-sdk/client-s3";
import type { ChampionEvaluation } from "../../components/runtime/evaluation";
import { badInput } from "../exit";
import { readText } from "../s3-text";
import { printable } from "../terminal";
import type { RegisteredModel } from "./models";

/** What `evaluate.py` reports of a model, as far as it is read. Later versions have more. */
export interface Evaluation {
    readonly accuracy: number;
    readonly macro_f1: number;
    /** Expected calibration error. */
    readonly ece?: number;
    readonly classes: readonly { readonly label: string; readonly f1: number; readonly support: number }[];
    /** What it was judged by: number of examples, and of their labels. */
    readonly test?: { readonly examples: number; readonly labels: number };
    /** The threshold that was found for the wanted precision. */
    readonly threshold?: { readonly probability: number; readonly precision: number; readonly coverage: number };
    /** The model that was in service, judged by the same examples. */
    readonly champion?: ChampionEvaluation;
}

/** @throws CommandError exit code 2 for a model that was never evaluated, or whose evaluation was deleted. */
export async function evaluationOf(s3: S3Client, model: RegisteredModel): Promise<Evaluation> {
    if (model.evaluation === undefined) {
        throw badInput(`Model ${model.version} has no evaluation, so there is nothing to compare.`);
    }
    try {
        return JSON.parse(await readText(s3, model.evaluation)) as Evaluation;
    } catch (error) {
        if ((error as Error).name !== "NoSuchKey") throw error;
        throw badInput(
            `The evaluation of model ${model.version}, ${printable(model.evaluation)}, is no longer there, so there is nothing to compare.`,
        );
    }
}
