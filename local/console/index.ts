import type { IncomingMessage, ServerResponse } from "node:http";
import type { Route } from "../aws/server";
import { createConsoleAccess } from "./access";
import { script, styleSheet } from "./assets";
import { type ConsoleData, messagePage, resultsPage } from "./page";

export type { ConsoleCounts, ConsoleData, ConsoleMail } from "./page";

export interface ConsoleOptions {
    /** Reads what the page shows. What it throws is shown as the reason why there is nothing to see yet. */
    load(): Promise<ConsoleData>;
}

export interface Console extends Route {
    /** A link that opens the page, once. `address` is the twin's: `http://127.0.0.1:PORT`. */
    link(address: string): string;
}

const securityHeaders = {
    "content-security-policy":
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
};

const html = "text/html; charset=utf-8";

/** The twin's one web page: how many mails are where, and what became of the last ones. */
export function createConsole({ load }: ConsoleOptions): Console {
    const access = createConsoleAccess();
    let loading: Promise<string> | undefined;

    /** Several tabs that ask at the same time share one look. */
    function currentPage(): Promise<string> {
        loading ??= load()
            .then(resultsPage, (error: unknown) =>
                messagePage(`Nothing to see yet: ${error instanceof Error ? error.message : "the twin is starting"}`, {
                    refreshes: true,
                }),
            )
            .finally(() => {
                loading = undefined;
            });
        return loading;
    }

    async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
        const { port, host } = addressed(request);
        if (host === undefined)
            return send(response, 403, "text/plain", "Only 127.0.0.1 and localhost are answered.\n");
        if (request.method !== "GET" && request.method !== "HEAD") {
            response.setHeader("allow", "GET, HEAD");
            return send(response, 405, "text/plain", "This page can only be read.\n");
        }
        const { pathname, searchParams } = new URL(request.url ?? "/", `http://${host}`);
        if (pathname === "/console.css") return send(response, 200, "text/css; charset=utf-8", styleSheet);
        if (pathname === "/console.js") return send(response, 200, "text/javascript; charset=utf-8", script);
        if (pathname !== "/")
            return send(response, 404, html, messagePage("There is no such page.", { refreshes: false }));

        // Cookies do not tell ports apart; the name does, for two twins side by side.
        const cookie = `sortline_${port}`;
        const session = cookieNamed(request, cookie);
        const code = searchParams.get("code");
        if (code !== null) {
            const opened = access.redeem(code);
            if (opened !== undefined)
                response.setHeader("set-cookie", `${cookie}=${opened}; HttpOnly; SameSite=Strict; Path=/`);
            if (opened !== undefined || access.isSession(session)) {
                response.setHeader("location", "/");
                return send(response, 303, "text/plain", "See /\n");
            }
        }
        if (!access.isSession(session)) return send(response, 403, html, messagePage(closed, { refreshes: false }));
        send(response, 200, html, await currentPage());
    }

    return {
        prefix: "/",
        handle(request, response) {
            request.resume();
            answer(request, response).catch(() => response.destroy());
        },
        link: (address) => `${address}/?code=${access.newCode()}`,
    };
}

const closed =
    "This page needs the link that the twin printed when it started. Each link works once, in the browser that opens it first.";

function send(response: ServerResponse, status: number, contentType: string, body: string): void {
    response.writeHead(status, {
        ...securityHeaders,
        "content-type": contentType,
        "content-length": Buffer.byteLength(body),
    });
    response.end(response.req.method === "HEAD" ? undefined : body);
}

/** The host that the browser thinks it talks to, where that is this machine's loopback interface and this port. */
function addressed(request: IncomingMessage): { port: number | undefined; host: string | undefined } {
    const port = request.socket.localPort;
    const host = request.headers.host;
    return { port, host: host === `127.0.0.1:${port}` || host === `localhost:${port}` ? host : undefined };
}

function cookieNamed(request: IncomingMessage, name: string): string | undefined {
    for (const pair of (request.headers.cookie ?? "").split(";")) {
        const [key, value] = pair.trim().split("=", 2);
        if (key === name) return value;
    }
    return undefined;
}
