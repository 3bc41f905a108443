import { errorFields } from "./log";

/**
 * Takes the text out of errors that nobody catches. Lambda's runtime writes such an error to the log as it is, then lets
 * the process end: its listeners, and all others, get one that says what may be logged, and do the rest as they would.
 */
export function hideTextOfCrashes(): void {
    const emitter: NodeJS.EventEmitter = process;
    const { emit } = emitter;
    // The error alone: the promise of a rejection holds the text as well.
    emitter.emit = (event: string | symbol, ...given: readonly unknown[]) =>
        emit.call(process, event, ...(/^un(caught|handled)/.test(String(event)) ? [withoutText(given[0])] : given));
}

function withoutText(thrown: unknown): Error {
    const { error: name, message = "its message may quote a record", code, at = "" } = errorFields(thrown);
    return Object.assign(new Error(message), { name, code, stack: `${name}: ${message}\n${at}` });
}
