import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";

/** Hex digits that keep shortened names apart. */
const DIGEST_LENGTH = 8;

/**
 * A name for something whose name Pulumi does not choose: project, stack and component, of lower-case letters, digits
 * and single hyphens, at most `maximum` characters long. What is too long ends in a digest of the whole, so that two
 * stacks never share a name. Lower case, since SageMaker writes names in ARNs, which policies compare, in lower case.
 */
export function stackName(name: string, maximum: number): string {
    const whole = `${pulumi.getProject()}-${pulumi.getStack()}-${name}`
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, "-")
        .replace(/^-|-$/g, "");
    if (whole.length <= maximum) return whole;
    const digest = createHash("sha256").update(whole).digest("hex").slice(0, DIGEST_LENGTH);
    return `${whole.slice(0, maximum - DIGEST_LENGTH - 1).replace(/-$/, "")}-${digest}`;
}
