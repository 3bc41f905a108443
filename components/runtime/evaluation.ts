import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";

/** How a model in service did on the same texts as a new one. */
export interface ChampionEvaluation {
    /** Its name. */
    readonly model: string;
    readonly accuracy: number;
    readonly macro_f1: number;
    /** Expected calibration error, 0 to 1. */
    readonly ece: number;
    /** How much more accurate the new model is: from -1 to 1, with a paired bootstrap's 95 % interval. */
    readonly difference: AccuracyDifference;
    /** Test examples that it has learnt from, which flatters it; undefined where its model does not tell. */
    readonly learntFrom?: number;
    /** The difference without these, where there are such and others. */
    readonly differenceWithout?: AccuracyDifference;
}

export interface AccuracyDifference {
    readonly accuracy: number;
    readonly low: number;
    readonly high: number;
}

/** What `evaluation.json` says: how a model did on the test set. Version 1 has the first four figures alone. */
export interface Evaluation {
    readonly accuracy: number;
    readonly macro_f1: number;
    /** Expected calibration error, 0 to 1. */
    readonly ece: number;
    readonly classes: readonly {
        readonly label: string;
        readonly precision: number;
        readonly recall: number;
        readonly f1: number;
        /** Test examples with the label. */
        readonly support: number;
    }[];
    readonly test?: { readonly examples: number; readonly labels: number };
    /** The lowest probability from which on the model decides alone, and how often and how well it then does. */
    readonly threshold?: { readonly probability: number; readonly precision: number; readonly coverage: number };
    /** Test examples that the model has learnt from, which flatters it; undefined where it does not tell. */
    readonly learntFrom?: number;
    /** Labels of the test set that the model does not know. */
    readonly unknownLabels?: readonly string[];
    readonly champion?: ChampionEvaluation;
    /** A linear model of the same training data. */
    readonly baseline?: {
        readonly algorithm: string;
        readonly accuracy: number;
        readonly macro_f1: number;
        readonly ece: number;
    };
}

/** @throws Error for an object that cannot be read, or holds no evaluation. */
export async function readEvaluation(s3: S3Client, uri: string): Promise<Evaluation> {
    // No URL: a key may hold any character, such as "%", "#" and "?".
    const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/s.exec(uri) ?? [];
    if (bucket === undefined || key === undefined) throw new Error(`${uri} is no address of an object in S3.`);
    const object = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key })).catch((error: unknown) => {
        // Of what is not there S3 tells whoever may not list the bucket that access is denied.
        const why = "evaluate.py has to write it, and the judge has to be allowed to read it";
        throw new Error(`${uri} cannot be read (${(error as Error).name}): ${why}.`, { cause: error });
    });
    const report = JSON.parse((await object.Body?.transformToString("utf8")) ?? "null") as Partial<Evaluation> | null;
    const { accuracy, macro_f1, ece, classes } = report ?? {};
    if (typeof accuracy !== "number" || typeof macro_f1 !== "number" || !Array.isArray(classes)) {
        throw new Error(`${uri} is no evaluation: it needs accuracy, macro_f1 and classes.`);
    }
    return { ...report, accuracy, macro_f1, ece: typeof ece === "number" ? ece : Number.NaN, classes };
}

/** The labels that the evaluated model tells apart. */
export function labelsOf({ classes, unknownLabels = [] }: Evaluation): string[] {
    return classes.map(({ label }) => label).filter((label) => !unknownLabels.includes(label));
}
