import * as path from "node:path";
import { packageFolder } from "./package-folder";

/** Labelled texts that the project wrote itself: what a first model learns from. */
export function sampleLabels(): string {
    return path.join(packageFolder(), "samples", "labels.csv");
}

/** A folder of whole e-mails that the project wrote itself. */
export function sampleMails(): string {
    return path.join(packageFolder(), "samples", "mails");
}
