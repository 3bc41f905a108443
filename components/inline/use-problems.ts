import { type CapturedValue, describeValue, obstacle, remedyFor } from "./captured-value";
import type { ProblemWords } from "./inline-error";
import { hasRunTimeSide, runTimeSide } from "./run-time-side";

/** What a captured value, or a property of it, is called in messages. */
function quoted({ words }: CapturedValue, ...more: readonly string[]): string {
    return `"${[...words, ...more].join(".")}"`;
}

function readOutput({ words }: CapturedValue): string {
    return `Read its value: ${words.join(".")}.get()`;
}

export function outputNotRead(output: CapturedValue): ProblemWords {
    return { what: `${quoted(output)} is an output, and is used without .get()`, remedy: readOutput(output) };
}

export function outputMethodOfDeployment(output: CapturedValue, method: string): ProblemWords {
    return {
        what: `${quoted(output)} is an output, and .${method} exists only while deploying`,
        remedy: "Read it with .get()",
    };
}

export function unknownProperty(captured: CapturedValue): ProblemWords {
    return {
        what: `${quoted(captured)} is asked for a property whose name is only known at run time`,
        remedy: "Write the property's name: its permissions follow from it",
    };
}

export function unreadableProperty(captured: CapturedValue, name: string, error: unknown): ProblemWords {
    return {
        what: `${quoted(captured, name)} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
        remedy: "Read it before the stage, into a constant",
    };
}

export function methodPassedOn({ words }: CapturedValue, method: string): ProblemWords {
    const full = [...words, method].join(".");
    return {
        what: `"${full}" is a method, and is passed on without being called`,
        remedy: `Pass a function that calls it: ${method === "get" ? `() => ${full}()` : `(value) => ${full}(value)`}`,
    };
}

export function functionOfDeployment(captured: CapturedValue, name: string): ProblemWords {
    const { value } = captured;
    const full = quoted(captured, name);
    if (!hasRunTimeSide(value)) {
        return {
            what: `${full} is a function of ${describeValue(value)} that exists only while deploying`,
            remedy: remedyFor(value),
        };
    }
    const known = Object.keys(value[runTimeSide].methods);
    return {
        what: `${full} is no run-time method of ${value.constructor.name}`,
        remedy: known.length === 0 ? "It has none" : `It has: ${known.join(", ")}`,
    };
}

export function componentAsWhole(component: CapturedValue): ProblemWords {
    return {
        what: `${quoted(component)} is passed on as a whole, so that what it is used for cannot be seen`,
        remedy: "Call its methods here: its permissions follow from them",
    };
}

export function resourceAsWhole(resource: CapturedValue): ProblemWords {
    return {
        what: `the resource ${quoted(resource)} is used as a whole`,
        remedy: `Use one of its outputs, for example: ${resource.words.at(-1) ?? "bucket"}.id.get()`,
    };
}

/** A mixture is used as a whole, with a part in it that only its own name can stand for. */
export function mixtureAsWhole(mixture: CapturedValue, part: CapturedValue): ProblemWords {
    const isOutput = part.kind === "output";
    return {
        what: `${quoted(mixture)} is passed on as a whole, and ${quoted(part)} in it is ${isOutput ? "an output" : "no data"}`,
        remedy: isOutput
            ? readOutput(part)
            : "Name what is used, for example: queues.sales.send(x), or queues[name].send(x)",
    };
}

export function valueOfDeployment(captured: CapturedValue): ProblemWords {
    const { value } = captured;
    const part = obstacle(value);
    const because = part ? `, and ${quoted(captured, ...part.words)} in it is ${describeValue(part.value)}` : "";
    return {
        what: `${quoted(captured)} is ${describeValue(value)}${because}, which exists only while deploying`,
        remedy: remedyFor(part ? part.value : value),
    };
}
