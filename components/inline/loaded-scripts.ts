import type { Session } from "node:inspector";
import { findSourceMap, type SourceMap } from "node:module";
import { isAbsolute } from "node:path";
import { pathToFileURL } from "node:url";
import { getCallSites } from "node:util";

/** A script that Node has loaded. */
export interface LoadedScript {
    /** URL or path of the script, as V8 knows it. */
    readonly scriptUrl: string;
    /** The script's source map, where Node has read it. */
    readonly sourceMap?: SourceMap;
    /** Address or data URL of the script's source map; empty without one. */
    readonly sourceMapUrl: string;
}

const mostCallSites = 200;

/** Finds the script that V8 knows by a number. */
export class LoadedScripts {
    readonly #session: Session;
    readonly #post: (method: string, parameters?: object) => unknown;
    readonly #urls = new Map<string, string>();
    #debugged: Map<string, LoadedScript> | undefined;

    constructor(session: Session, post: (method: string, parameters?: object) => unknown) {
        this.#session = session;
        this.#post = post;
    }

    /** The script with this number. */
    of(id: string): LoadedScript | undefined {
        if (!this.#debugged) {
            const scriptUrl = this.#urlOf(id) ?? "";
            // Only the debugger tells whether a script has a map of which Node does not know.
            const sourceMap = /^(file:|\/)/.test(scriptUrl) ? findSourceMap(scriptUrl) : undefined;
            if (sourceMap) return { scriptUrl, sourceMap, sourceMapUrl: "" };
        }
        this.#debugged ??= this.#debug();
        return this.#debugged.get(id);
    }

    /** The script that V8 knows by this path or URL, the latest of them. */
    named(script: string): LoadedScript | undefined {
        const sourceMap = this.#debugged ? undefined : findSourceMap(script);
        if (sourceMap) return { scriptUrl: script, sourceMap, sourceMapUrl: "" };
        this.#debugged ??= this.#debug();
        const urls = isAbsolute(script) ? [script, pathToFileURL(script).href] : [script];
        return [...this.#debugged.values()].findLast(({ scriptUrl }) => urls.includes(scriptUrl));
    }

    /** The text of the script with this number, as Node runs it. */
    textOf(id: string): string {
        this.#debugged ??= this.#debug();
        return (this.#post("Debugger.getScriptSource", { scriptId: id }) as { scriptSource: string }).scriptSource;
    }

    /** The name of a script that is calling now, or else of any of which something has run, which coverage tells. */
    #urlOf(id: string): string | undefined {
        if (this.#urls.has(id)) return this.#urls.get(id);
        // Nodes older than 22.14 give no numbers here.
        for (const { scriptId, scriptName } of getCallSites(mostCallSites, { sourceMap: false }))
            this.#urls.set(scriptId, scriptName);
        if (this.#urls.has(id)) return this.#urls.get(id);
        this.#post("Profiler.enable");
        const { result } = this.#post("Profiler.getBestEffortCoverage") as {
            result: { scriptId: string; url: string }[];
        };
        this.#post("Profiler.disable");
        for (const { scriptId, url } of result) this.#urls.set(scriptId, url);
        return this.#urls.get(id);
    }

    /**
     * The debugger knows everything, but replays every script loaded so far and digests its text: a quarter of a second in
     * a program with Pulumi, eight times as long as coverage takes.
     */
    #debug(): Map<string, LoadedScript> {
        const scripts = new Map<string, LoadedScript>();
        this.#session.on("Debugger.scriptParsed", ({ params }) => {
            scripts.set(params.scriptId, { scriptUrl: params.url, sourceMapUrl: params.sourceMapURL ?? "" });
        });
        this.#post("Debugger.enable");
        // This thread could never be resumed from a pause at a `debugger` statement.
        this.#post("Debugger.setSkipAllPauses", { skip: true });
        return scripts;
    }
}
