import type { ClientConfiguration } from "./service-under-test";

/** A call of a service that speaks AWS's JSON protocol, as the SDK would never make it. @returns code and message. */
export async function jsonCall(
    { endpoint, region, credentials }: ClientConfiguration,
    { signingName, target }: { readonly signingName: string; readonly target: string },
    body: unknown,
): Promise<{ code: string; message: string }> {
    const credential = `${credentials.accessKeyId}/20300101/${region}/${signingName}/aws4_request`;
    const response = await fetch(endpoint, {
        method: "POST",
        headers: {
            authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=0`,
            "x-amz-target": target,
            "content-type": "application/x-amz-json-1.1",
        },
        body: typeof body === "string" ? body : JSON.stringify(body),
    });
    const answer = (await response.json()) as { __type?: string; message?: string };
    return { code: answer.__type ?? "", message: answer.message ?? "" };
}
