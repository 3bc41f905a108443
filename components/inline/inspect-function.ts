import { Session } from "node:inspector";
import { findSourceMap, type SourceMap } from "node:module";
import { createContext } from "node:vm";

/** A script that Node has loaded. */
interface Script {
    /** URL or path of the script, as V8 knows it. */
    readonly scriptUrl: string;
    /** The script's source map: as Node has read it, or its address or data URL, which is empty without one. */
    readonly sourceMap: SourceMap | string;
}

/** What V8 knows about a function value, and of the script that defines it. */
export interface InspectedFunction extends Script {
    /** 0-based position in the script. */
    readonly line: number;
    /** 0-based position in the script. */
    readonly column: number;
    /** The variables that the function and its neighbours capture, innermost scope first, the global scope left out. */
    readonly scopes: readonly Readonly<Record<string, unknown>>[];
}

interface RemoteValue {
    readonly objectId?: string;
    readonly value?: unknown;
}

interface InternalProperty {
    readonly name: string;
    readonly value?: RemoteValue;
}

interface Inspector {
    post(method: string, parameters?: object): unknown;
    /** A script by V8's number. */
    scriptOf(id: string): Script | undefined;
    /** The global object of the context in which expressions are evaluated: values go in and out through it. */
    readonly exchange: { given?: unknown; taken?: unknown };
    readonly contextId: number;
}

const contextName = "sortline inline";
let inspector: Inspector | undefined;

function connect(): Inspector {
    const session = new Session();
    session.connect();
    let contextId = -1;
    session.on("Runtime.executionContextCreated", ({ params }) => {
        if (params.context.name === contextName) contextId = params.context.id;
    });
    const post = (method: string, parameters: object = {}): unknown => {
        let answer: unknown;
        let failure: Error | null = null;
        session.post(method, parameters, (error, result) => {
            failure = error;
            answer = result;
        });
        if (failure !== null) throw failure;
        return answer;
    };
    // A context of its own: the program's global object stays untouched, and a test runner that replaces it does not matter.
    const exchange = {};
    createContext(exchange, { name: contextName });
    post("Runtime.enable");
    post("Runtime.disable");
    return { post, scriptOf: scriptFinder(session, post), exchange, contextId };
}

/** Which script has which number is told by the debugger, which takes long, or by the way. */
function scriptFinder(session: Session, post: Inspector["post"]): Inspector["scriptOf"] {
    let debugged: Map<string, Script> | undefined;
    const debug = () => {
        const scripts = new Map<string, Script>();
        session.on("Debugger.scriptParsed", ({ params }) => {
            scripts.set(params.scriptId, { scriptUrl: params.url, sourceMap: params.sourceMapURL ?? "" });
        });
        // Replays every script loaded so far and digests its text: a quarter of a second in a program with Pulumi.
        post("Debugger.enable");
        // This thread could never be resumed from a pause at a `debugger` statement.
        post("Debugger.setSkipAllPauses", { skip: true });
        return scripts;
    };

    // Coverage names the scripts of which something has run, an order of magnitude faster. It says nothing of source maps:
    // where Node has read none, the script may have one all the same.
    const urls = new Map<string, string>();
    const covered = (id: string): Script | undefined => {
        if (!urls.has(id)) {
            post("Profiler.enable");
            const { result } = post("Profiler.getBestEffortCoverage") as {
                result: { scriptId: string; url: string }[];
            };
            post("Profiler.disable");
            for (const { scriptId, url } of result) urls.set(scriptId, url);
        }
        const scriptUrl = urls.get(id) ?? "";
        const sourceMap = /^(file:|\/)/.test(scriptUrl) ? findSourceMap(scriptUrl) : undefined;
        return sourceMap && { scriptUrl, sourceMap };
    };

    return (id) => {
        const known = debugged ? undefined : covered(id);
        if (known) return known;
        debugged ??= debug();
        return debugged.get(id);
    };
}

/** Asks V8 where a function was defined and what it captures; undefined for bound and native functions. */
export function inspectFunction(subject: unknown): InspectedFunction | undefined {
    inspector ??= connect();
    const { post, scriptOf, exchange, contextId } = inspector;
    exchange.given = subject;
    const { result } = post("Runtime.evaluate", { contextId, expression: "given" }) as { result: RemoteValue };
    delete exchange.given;
    const { internalProperties = [] } = post("Runtime.getProperties", {
        objectId: result.objectId,
        ownProperties: true,
    }) as { internalProperties?: InternalProperty[] };
    const internal = (name: string) => internalProperties.find((property) => property.name === name)?.value;
    const location = internal("[[FunctionLocation]]")?.value as
        | { scriptId: string; lineNumber: number; columnNumber: number }
        | undefined;
    const scopeList = internal("[[Scopes]]")?.objectId;
    const script = location && scriptOf(location.scriptId);
    let scopes: Readonly<Record<string, unknown>>[] = [];
    if (scopeList !== undefined) {
        post("Runtime.callFunctionOn", { objectId: scopeList, functionDeclaration: "function () { taken = this; }" });
        scopes = Array.from(exchange.taken as ArrayLike<{ object: Record<string, unknown> }>, (scope) => scope.object);
        delete exchange.taken;
    }
    if (result.objectId !== undefined) post("Runtime.releaseObject", { objectId: result.objectId });
    if (location === undefined || script === undefined) return undefined;
    return {
        ...script,
        line: location.lineNumber,
        column: location.columnNumber,
        scopes: scopes.slice(0, -1),
    };
}
