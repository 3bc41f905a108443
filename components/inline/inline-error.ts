import * as pulumi from "@pulumi/pulumi";

/** A place in a user's file: absolute path, 1-based line and column. */
export interface Location {
    readonly file: string;
    readonly line: number;
    readonly column: number;
}

/** One reason why a callback cannot become an artefact. */
export interface Problem {
    readonly location: Location;
    /** What is wrong, starting with the name it is about. */
    readonly what: string;
    /** What to write instead. */
    readonly remedy: string;
}

/** What a problem says, wherever it is found. */
export type ProblemWords = Omit<Problem, "location">;

/** `file:line:column`, the form that terminals and editors make clickable. */
export function formatLocation(location: Location): string {
    return `${location.file}:${location.line}:${location.column}`;
}

/** A problem and the stage that has it. */
export interface StageProblem extends Problem {
    readonly stage: string;
}

/** Callbacks that cannot become artefacts: every problem found, each with its place. Pulumi prints it without a stack. */
export class InlineError extends pulumi.RunError {
    readonly problems: readonly StageProblem[];

    constructor(problems: readonly StageProblem[]) {
        const message = problems.map(formatProblem).join("\n");
        super(message);
        this.name = "InlineError";
        this.problems = problems;
        // Pulumi puts the property that it was serialising in front of an error's text, again and again, and shows the
        // stack of what fails after the program's end. This text is for people, and complete.
        Object.defineProperty(this, "message", { get: () => message, set: () => undefined });
        Object.defineProperty(this, "stack", { value: message });
    }

    /** The error of one stage. */
    static of(stage: string, problems: readonly Problem[]): InlineError {
        return new InlineError(problems.map((each) => ({ stage, ...each })));
    }
}

function formatProblem({ stage, location, what, remedy }: StageProblem): string {
    return `stage "${stage}": ${what}\n    at ${formatLocation(location)}\n    ${remedy}`;
}
