import { createHash } from "node:crypto";

/** By which two models are told to have the same labels. */
export function labelsDigest(labels: readonly string[]): string {
    return createHash("sha256")
        .update([...labels].sort().join("\n"))
        .digest("hex")
        .slice(0, 16);
}
