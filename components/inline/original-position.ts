import { existsSync, readFileSync } from "node:fs";
import { SourceMap, type SourceMapPayload } from "node:module";
import { dirname, isAbsolute, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { LoadedScript } from "./loaded-scripts";

/** Where a function stands in the file that its author wrote. */
export interface OriginalPosition {
    readonly file: string;
    /** 1-based. */
    readonly line: number;
    /** 0-based, as in a syntax tree. */
    readonly column: number;
    /** The file that Node loaded: the same one, or the compiler's output. */
    readonly loaded: string;
    /** Whether a source map led here; without one the script's text is the file's. */
    readonly mapped: boolean;
    /** The author's text as the compiler saw it, where the source map carries it. */
    readonly sourceContent?: string;
}

function toPath(address: string, folder: string): string {
    // A query tells versions of a module apart; it is no part of the file's name.
    const bare = address.replace(/\?[^/\\]*$/, "");
    if (bare.startsWith("file://")) return fileURLToPath(bare);
    return isAbsolute(bare) ? bare : resolve(folder, bare);
}

interface LoadedMap {
    readonly url: string;
    readonly map: SourceMap;
}

const maps = new Map<string, LoadedMap>();

function loadMap(script: string, url: string): SourceMap | undefined {
    if (url === "") return undefined;
    const known = maps.get(script);
    if (known?.url === url) return known.map;
    let json: string;
    if (url.startsWith("data:")) {
        const comma = url.indexOf(",");
        const encoding = url.slice(0, comma).endsWith(";base64") ? "base64" : "utf8";
        const body = url.slice(comma + 1);
        json = encoding === "base64" ? Buffer.from(body, "base64").toString() : decodeURIComponent(body);
    } else {
        const file = toPath(url, dirname(script));
        if (!existsSync(file)) return undefined;
        json = readFileSync(file, "utf8");
    }
    const map = new SourceMap(JSON.parse(json) as SourceMapPayload);
    maps.set(script, { url, map });
    return map;
}

/** The place in the author's text of a 0-based place in the same script, both 0-based; undefined without a source map. */
export function originalPlace(
    script: LoadedScript,
    line: number,
    column: number,
): { readonly line: number; readonly column: number } | undefined {
    const map = script.sourceMap ?? loadMap(toPath(script.scriptUrl, process.cwd()), script.sourceMapUrl);
    const entry = map?.findEntry(line, column);
    // An entry counts as far as the next one: only one that begins here speaks of this place.
    if (!entry || !("originalLine" in entry)) return undefined;
    if (entry.generatedLine !== line || entry.generatedColumn !== column) return undefined;
    return { line: entry.originalLine, column: entry.originalColumn };
}

/** A place in a script as V8 knows it; the position is 0-based. */
export interface ScriptPosition extends LoadedScript {
    readonly line: number;
    readonly column: number;
}

/** Follows the script's source map; undefined for a script that is no file, such as an evaluated string. */
export function originalPosition(inspected: ScriptPosition): OriginalPosition | undefined {
    if (inspected.scriptUrl === "" || /^(node|evalmachine|data):/.test(inspected.scriptUrl)) return undefined;
    const loaded = toPath(inspected.scriptUrl, process.cwd());
    const map = inspected.sourceMap ?? loadMap(loaded, inspected.sourceMapUrl);
    const entry = map?.findEntry(inspected.line, inspected.column);
    // A bundler gives new names to what bears the same name in two files: so a bundle is the source of itself.
    const isBundle = (map?.payload.sources.length ?? 0) > 1;
    if (map && !isBundle && entry && "originalSource" in entry && entry.originalSource !== undefined) {
        const file = toPath(entry.originalSource, dirname(loaded));
        const index = map.payload.sources.indexOf(entry.originalSource);
        const sourceContent = map.payload.sourcesContent?.[index];
        // A package may ship its maps without its sources: then what Node loaded is the source.
        if (existsSync(file))
            return {
                file,
                line: entry.originalLine + 1,
                column: entry.originalColumn,
                loaded,
                mapped: true,
                ...(typeof sourceContent === "string" ? { sourceContent } : {}),
            };
    }
    if (!existsSync(loaded)) return undefined;
    return { file: loaded, line: inspected.line + 1, column: inspected.column, loaded, mapped: false };
}
