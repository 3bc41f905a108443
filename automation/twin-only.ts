import { badInput } from "./exit";

/** What to type instead of commands that a stack of the Pulumi command does not have. */
const INSTEAD: Readonly<Record<string, (stack: string) => string>> = {
    up: (stack) => `Deploy the stack: pulumi up --stack ${stack}`,
    promote: (stack) =>
        `On a stack a model is approved (npx sortline approve MODEL --stack ${stack}, which says how to pin it), pinned by pulumi config, and deployed: pulumi up --stack ${stack}`,
    reset: (stack) => `Delete what the stack has deployed: pulumi destroy --stack ${stack}`,
};

/** Says that a command works on the twin only. Exit code 2. */
export function twinOnly(command: string, stack: string): Error {
    const instead = INSTEAD[command]?.(stack);
    return badInput(
        `\`${command}\` works on the twin only, not on a stack.${instead === undefined ? "" : ` ${instead}`}`,
    );
}
