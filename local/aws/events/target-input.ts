import type { InputTransformer, Target } from "@aws-sdk/client-eventbridge";
import { jsonPath, valueAt } from "./json-path";

/** An event as targets get it. */
export type Envelope = Readonly<Record<string, unknown>>;

/** What a target's input may refer to besides the event. */
export interface InputContext {
    readonly ruleArn: string;
    readonly ruleName: string;
    /** When EventBridge got the event. */
    readonly ingestionTime: string;
}

/** What a target gets: its constant input, a part of the event, the event transformed, or the event. */
export function targetInput(target: Target, event: Envelope, context: InputContext): string {
    if (target.Input !== undefined) return target.Input;
    if (target.InputTransformer !== undefined) return transformed(target.InputTransformer, event, context);
    if (target.InputPath === undefined) return JSON.stringify(event);
    return JSON.stringify(valueAt(event, jsonPath(target.InputPath) ?? []) ?? {});
}

/**
 * Fills a template. A variable that stands by itself becomes JSON; one within a string becomes text, so that the
 * template stays what it was: JSON, or text. A path that leads nowhere becomes an empty string.
 */
function transformed(
    { InputPathsMap = {}, InputTemplate = "" }: InputTransformer,
    event: Envelope,
    context: InputContext,
): string {
    const variables = new Map<string, unknown>(Object.entries(reserved(event, context)));
    for (const [name, path] of Object.entries(InputPathsMap))
        variables.set(name, valueAt(event, jsonPath(path) ?? []) ?? "");
    let inString = false;
    return InputTemplate.replace(/\\.|"|<([\w.-]+)>/g, (found, name?: string) => {
        if (found === '"') inString = !inString;
        if (name === undefined || !variables.has(name)) return found;
        const value = variables.get(name);
        const json = JSON.stringify(value);
        if (!inString) return json;
        // As text within the string: a string without its quotes, and what is no string as JSON that is escaped.
        return (typeof value === "string" ? json : JSON.stringify(json)).slice(1, -1);
    });
}

function reserved(event: Envelope, { ruleArn, ruleName, ingestionTime }: InputContext): Envelope {
    const { detail: _, ...rest } = event;
    return {
        "aws.events.rule-arn": ruleArn,
        "aws.events.rule-name": ruleName,
        "aws.events.event.ingestion-time": ingestionTime,
        // As documented: the event without its detail, and the event as it is.
        "aws.events.event": rest,
        "aws.events.event.json": event,
    };
}
