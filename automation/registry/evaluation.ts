import type { S3Client } from "@aws-sdk/client-s3";
import type { Evaluation as Latest } from "../../components/runtime/evaluation";
import { badInput } from "../exit";
import { readText } from "../s3-text";
import { printable } from "../terminal";
import type { RegisteredModel } from "./models";

/** What `evaluate.py` reports of a model, as far as it is read. Earlier versions, which the registry keeps, have less. */
export type Evaluation = Pick<Latest, "accuracy" | "macro_f1" | "test" | "threshold" | "champion"> &
    Partial<Pick<Latest, "ece">> & {
        readonly classes: readonly Pick<Latest["classes"][number], "label" | "f1" | "support">[];
    };

/** @throws CommandError exit code 2 for a model that was never evaluated, or whose evaluation was deleted. */
export async function evaluationOf(s3: S3Client, model: RegisteredModel): Promise<Evaluation> {
    if (model.evaluation === undefined) {
        throw badInput(`Model ${model.version} has no evaluation, so there is nothing to compare.`);
    }
    const place = `The evaluation of model ${model.version}, ${printable(model.evaluation)},`;
    try {
        return JSON.parse(await readText(s3, model.evaluation)) as Evaluation;
    } catch (error) {
        // What a parser says quotes the file.
        if (error instanceof SyntaxError) throw badInput(`${place} is no JSON, so there is nothing to compare.`);
        if ((error as Error).name !== "NoSuchKey") throw error;
        throw badInput(`${place} is no longer there, so there is nothing to compare.`);
    }
}
