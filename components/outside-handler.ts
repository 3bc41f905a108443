/** The error of a run-time method that is called while deploying. */
export function outsideHandler(component: string, name: string, method: string): Error {
    return new Error(
        `${component} "${name}": ${method}() was called while deploying. It works inside a handler, such as that of a stage.`,
    );
}
