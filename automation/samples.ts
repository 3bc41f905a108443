import { packageFile } from "../local/package-file";

/** Labelled texts that the project wrote itself: what a first model learns from. */
export function sampleLabels(): string {
    return packageFile("samples/labels.csv");
}

/** A folder of whole e-mails that the project wrote itself. */
export function sampleMails(): string {
    return packageFile("samples/mails");
}
