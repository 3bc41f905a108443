import { invalid } from "./target";

/** AWS takes https only; the twin also takes http to this machine, for a server that is tried there. */
export function checkHttpsEndpoint(parameter: string, endpoint: string): void {
    let url: URL | undefined;
    try {
        // Each * stands for a path parameter.
        url = new URL(endpoint.replaceAll("*", "x"));
    } catch {
        // Said below.
    }
    const isLocal = url?.protocol === "http:" && /^(127\.0\.0\.1|localhost|\[::1\])$/.test(url.hostname);
    if (url?.protocol === "https:" || isLocal) return;
    throw invalid(
        `Parameter ${parameter} is not valid. Reason: it must be an https address, or an http address of this machine such as http://127.0.0.1:8080/.`,
    );
}
