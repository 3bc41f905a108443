import { fileURLToPath } from "node:url";
import type { Location } from "./inline-error";
import { loadedScript } from "./inspect-function";
import { originalPosition } from "./original-position";

/** The calls that are under way, innermost first. */
function calls(): readonly NodeJS.CallSite[] {
    const { prepareStackTrace, stackTraceLimit } = Error;
    try {
        Error.prepareStackTrace = (_error, sites) => sites;
        Error.stackTraceLimit = Number.POSITIVE_INFINITY;
        return new Error().stack as unknown as readonly NodeJS.CallSite[];
    } finally {
        Object.assign(Error, { prepareStackTrace, stackTraceLimit });
    }
}

function locationOf(call: NodeJS.CallSite): Location | undefined {
    const scriptUrl = call.getFileName();
    if (typeof scriptUrl !== "string" || scriptUrl.startsWith("node:")) return undefined;
    const position = originalPosition({
        ...(loadedScript(scriptUrl) ?? { scriptUrl, sourceMapUrl: "" }),
        line: (call.getLineNumber() ?? 1) - 1,
        column: (call.getColumnNumber() ?? 1) - 1,
    });
    return position && { file: position.file, line: position.line, column: position.column + 1 };
}

/** Where the innermost call stands, of those that are under way, in a file that is not one of `passedOver`. */
export function callSite(passedOver: (file: string) => boolean): Location | undefined {
    for (const call of calls()) {
        const script = call.getFileName();
        // To follow a source map takes time, and most of the calls are ours.
        if (typeof script === "string" && passedOver(script.startsWith("file:") ? fileURLToPath(script) : script))
            continue;
        const location = locationOf(call);
        if (location && !passedOver(location.file)) return location;
    }
    return undefined;
}

/** Where the innermost function of a name that is under way was called. */
export function callOf(name: string): Location | undefined {
    const all = calls();
    const at = all.findIndex((call) => (call.getMethodName() ?? call.getFunctionName()?.split(".").at(-1)) === name);
    const caller = at === -1 ? undefined : all[at + 1];
    return caller && locationOf(caller);
}
