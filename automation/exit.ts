/** Exit codes of the `sortline` command. They are an interface: scripts and CI rely on them. */
export const exitCodes = {
    success: 0,
    /** Anything that has no code of its own. */
    failure: 1,
    /** What the person gave cannot be used: a file, an option, a name. */
    badInput: 2,
    /** The command needs a running twin and there is none. */
    noTwin: 3,
    /** A training job, an endpoint or a deployment failed. */
    jobFailed: 4,
    /** A training is under way, and no second one was started. */
    alreadyRunning: 5,
} as const;

/** An error whose message is meant for the person at the terminal; shown without a stack. */
export class CommandError extends Error {
    override readonly name = "CommandError";
    constructor(
        message: string,
        readonly exitCode: number = exitCodes.failure,
    ) {
        super(message);
    }
}

/** What the person gave cannot be used. Exit code 2. */
export function badInput(message: string): CommandError {
    return new CommandError(message, exitCodes.badInput);
}

/** A job or deployment failed. Exit code 4. */
export function jobFailed(message: string): CommandError {
    return new CommandError(message, exitCodes.jobFailed);
}
