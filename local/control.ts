import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type FaultAccount, InvalidFaults } from "./aws/faults";
import type { UsedPermission } from "./aws/iam";
import type { Route } from "./aws/server";
import { type EngineOperation, engineOperation, type ProviderServer } from "./pulumi/provider-server";
import type { Stack } from "./stack";
import { type ConfigValue, isConfigKey } from "./stack-config";

const prefix = "/_sortline/";
const maximumBodyBytes = 1024 * 1024;

export interface ControlOptions {
    /** Any of these will do. */
    readonly tokens: readonly string[];
    /** Undefined while the twin starts. */
    stack(): Stack | undefined;
    consoleLink(): string | undefined;
    usedPermissions(): readonly UsedPermission[];
    faults(): FaultAccount | undefined;
    /** Puts a fault plan into force, or none where it is null. @throws InvalidFaults */
    setFaults(plan: unknown): void;
    serveProvider(operation: EngineOperation): Promise<ProviderServer>;
}

/**
 * The twin's own endpoints, for the `sortline` command in another process. The run's token is the bearer token.
 *
 * - `GET ping` -> `{ pid }`; `GET console` -> `{ link }`, which opens the console page once
 * - `GET stack` -> the stack's export; `GET config` -> its configuration
 * - `GET permissions/used` -> `[{ roleArn, action, resource, allowed, denied, lastUsed }]`: what roles have asked for
 * - `GET faults` -> `{ seed, rules: [{ rule, calls, injected }], newest: [{ time, rule, fault, call, number }] }`, or null
 *   without a plan; `PUT faults` with a plan, or null, puts it into force: counting begins anew
 * - `PUT config` `{ key, value }`, without `value` to remove it
 * - `POST provider` `{ engine, folder }` -> `{ port }`, on which the twin is the provider of AWS for an operation of the
 *   real Pulumi command; the answer does not end before that operation, and the port closes when it is cut off
 * - `POST up` -> a line of JSON an event, at last `{ kind: "result", … }` or `{ kind: "failed", message }`
 */
export function controlRoute(options: ControlOptions): Route {
    return {
        prefix,
        handle(request, response) {
            answer(request, response, options).catch((error: unknown) => {
                if (!response.headersSent) response.writeHead(500, { "content-type": "application/json" });
                response.end(`${JSON.stringify({ message: (error as Error).message })}\n`);
            });
        },
    };
}

async function answer(request: IncomingMessage, response: ServerResponse, options: ControlOptions): Promise<void> {
    if (!options.tokens.some((token) => hasToken(request, token)))
        return send(response, 403, { message: "The token is missing or another run's." });
    const stack = options.stack();
    if (stack === undefined) return send(response, 503, { message: "The twin is still starting." });
    const call = `${request.method} ${(request.url ?? "").slice(prefix.length)}`;
    switch (call) {
        case "GET ping":
            return send(response, 200, { pid: process.pid });
        case "GET console":
            return send(response, 200, { link: options.consoleLink() });
        case "GET stack":
            return send(response, 200, stack.export());
        case "GET config":
            return send(response, 200, stack.config());
        case "GET permissions/used":
            return send(response, 200, options.usedPermissions());
        case "GET faults":
            return send(response, 200, options.faults() ?? null);
        case "PUT faults": {
            try {
                options.setFaults(jsonOf(await body(request)));
            } catch (error) {
                if (!(error instanceof InvalidFaults)) throw error;
                return send(response, 400, { message: error.message, problems: error.problems });
            }
            return send(response, 200, options.faults() ?? null);
        }
        case "PUT config": {
            const { key, value } = settingFrom(await body(request));
            if (key === undefined) {
                return send(response, 400, {
                    message:
                        'The body must be JSON, { "key": …, "value": … }, with a full key such as "sortline:model".',
                });
            }
            stack.setConfig(key, value);
            return send(response, 200, stack.config());
        }
        case "POST provider": {
            const operation = engineOperation(jsonOf(await body(request)));
            if (operation === undefined) {
                return send(response, 400, {
                    message: 'The body must be JSON, { "engine": "127.0.0.1:PORT", "folder": "/an/absolute/path" }.',
                });
            }
            const server = await options.serveProvider(operation);
            response.on("close", server.close);
            response.writeHead(200, { "content-type": "application/x-ndjson" });
            response.write(`${JSON.stringify({ port: server.port })}\n`);
            await server.ended;
            response.end();
            return;
        }
        case "POST up": {
            response.writeHead(200, { "content-type": "application/x-ndjson" });
            const line = (value: unknown) => response.write(`${JSON.stringify(value)}\n`);
            try {
                line({ kind: "result", ...(await stack.up(line)) });
            } catch (error) {
                line({ kind: "failed", message: (error as Error).message });
            }
            response.end();
            return;
        }
        default:
            return send(response, 404, { message: `The twin has no ${call}.` });
    }
}

function hasToken(request: IncomingMessage, token: string): boolean {
    const given = Buffer.from(request.headers.authorization ?? "");
    const wanted = Buffer.from(`Bearer ${token}`);
    return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/** Without a key where the text is no setting. */
function settingFrom(text: string): { key?: string; value?: ConfigValue } {
    try {
        const { key, value } = JSON.parse(text);
        return typeof key === "string" && isConfigKey(key) ? { key, value } : {};
    } catch {
        return {};
    }
}

/** Undefined where the text is no JSON. */
function jsonOf(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return undefined;
    }
}

async function body(request: IncomingMessage): Promise<string> {
    const pieces: Buffer[] = [];
    let bytes = 0;
    for await (const piece of request) {
        bytes += piece.length;
        if (bytes > maximumBodyBytes) throw new Error(`The request is larger than ${maximumBodyBytes} bytes.`);
        pieces.push(piece);
    }
    return Buffer.concat(pieces).toString("utf8");
}

function send(response: ServerResponse, status: number, content: unknown): void {
    response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
    response.end(`${JSON.stringify(content)}\n`);
}
