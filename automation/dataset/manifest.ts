import type { DataSetAccount } from "./data-set";

/** User metadata of objects whose texts are clean: the version of the cleaning. */
export const CLEANING_METADATA = "sortline-cleaning";

/** Lies beside the folders `train/` and `test/` of a data set, as `dataset.json`. */
export interface DataSetManifest {
    /** Of this manifest. */
    readonly format: 1;
    /** Version of the cleaning that the texts went through. */
    readonly cleaning: string;
    /** First 16 hex digits of the SHA-256 over the cleaning's version, and the files to learn from and to be judged by. */
    readonly digest: string;
    /** The same of the file to be judged by alone: test sets with the same one are the same. */
    readonly testDigest: string;
    /** What was made of the records, and what was left out and why. */
    readonly account: DataSetAccount;
    /** Names of the files or objects that it was made from. */
    readonly sources: readonly string[];
}

export const MANIFEST = "dataset.json";

/** @returns undefined for what is no manifest that is known here. */
export function readManifest(text: string): DataSetManifest | undefined {
    try {
        const manifest = JSON.parse(text) as Partial<DataSetManifest> | null;
        const { format, cleaning, digest, account } = manifest ?? {};
        const known =
            format === 1 && typeof cleaning === "string" && typeof digest === "string" && account !== undefined;
        return known ? (manifest as DataSetManifest) : undefined;
    } catch {
        return undefined;
    }
}
