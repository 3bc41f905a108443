import { createHash } from "node:crypto";
import { AwsError, type AwsRequest } from "../../service";

/**
 * Compares a body with the digest of it that was signed.
 * @throws AwsError `XAmzContentSHA256Mismatch`, or `InvalidArgument` for what is no digest.
 */
export function checkPayload({ headers, body }: Pick<AwsRequest, "headers" | "body">): void {
    const signed = headers["x-amz-content-sha256"];
    // A body in chunks has a signature for each, which the twin does not verify.
    if (signed === undefined || signed === "UNSIGNED-PAYLOAD" || signed.startsWith("STREAMING-")) return;
    if (!/^[0-9a-f]{64}$/.test(signed)) {
        throw new AwsError(
            "InvalidArgument",
            "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, or a valid sha256 value.",
            400,
            { ArgumentName: "x-amz-content-sha256", ArgumentValue: signed },
        );
    }
    const computed = createHash("sha256").update(body).digest("hex");
    if (computed === signed) return;
    throw new AwsError(
        "XAmzContentSHA256Mismatch",
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
        400,
        { ClientComputedContentSHA256: signed, S3ComputedContentSHA256: computed },
    );
}
