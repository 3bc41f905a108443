import { Session } from "node:inspector";
import { createContext } from "node:vm";
import { type LoadedScript, LoadedScripts } from "./loaded-scripts";

/** What V8 knows about a function value, and of the script that defines it. */
export interface InspectedFunction extends LoadedScript {
    /** The script's text, as Node runs it. */
    readonly scriptText: () => string;
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
    readonly scripts: LoadedScripts;
    /** The global object of the context in which expressions are evaluated: values go in and out through it. */
    readonly exchange: { given?: unknown; taken?: unknown };
    readonly contextId: number;
}

const contextName = "sortline inline";
let inspector: Inspector | undefined;

// One session serves the whole process: what it learns of the scripts, it learns once.
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
    return { post, scripts: new LoadedScripts(session, post), exchange, contextId };
}

/** A script that Node has loaded, by its path or URL. */
export function loadedScript(script: string): LoadedScript | undefined {
    inspector ??= connect();
    return inspector.scripts.named(script);
}

/** Asks V8 where a function was defined and what it captures; undefined for bound and native functions. */
export function inspectFunction(subject: unknown): InspectedFunction | undefined {
    inspector ??= connect();
    const { post, scripts, exchange, contextId } = inspector;
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
    const script = location && scripts.of(location.scriptId);
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
        scriptText: () => scripts.textOf(location.scriptId),
        line: location.lineNumber,
        column: location.columnNumber,
        scopes: scopes.slice(0, -1),
    };
}
