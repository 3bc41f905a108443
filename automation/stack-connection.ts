import { createClients } from "./clients";
import type { Connection } from "./connection";
import { badInput, CommandError } from "./exit";
import { projectFolder } from "./home";
import { readPulumiStack } from "./pulumi-command";

/** SageMaker and CloudWatch Logs throttle an account that asks more often. */
const POLL_MILLISECONDS = 5000;
/** A run is followed for hours, so that one throttled or lost request must not end it. */
const MOST_ATTEMPTS = 6;

/**
 * Runs some work with a connection to a stack that the Pulumi command deployed, with the credentials that the AWS SDK
 * finds: the environment's, or those of the profile that the stack's `aws:profile` or AWS_PROFILE names.
 * @param stack as `pulumi stack ls` names it.
 * @throws CommandError exit code 2 for a stack that is not there.
 */
export async function withStack<T>(stack: string, work: (connection: Connection) => Promise<T>): Promise<T> {
    if (stack.trim() === "") throw badInput("--stack is empty: give the name of a stack. They are: pulumi stack ls");
    const { deployed, config } = await readPulumiStack(projectFolder(), stack);
    const { clients, close } = createClients(
        {
            maxAttempts: MOST_ATTEMPTS,
            ...(config["aws:region"] === undefined ? {} : { region: config["aws:region"] }),
            ...(config["aws:profile"] === undefined ? {} : { profile: config["aws:profile"] }),
        },
        { followRegionRedirects: true },
    );
    try {
        // A command works with the stack as it found it: asking for it takes seconds.
        return await work({
            stack,
            home: undefined,
            clients,
            pollMilliseconds: POLL_MILLISECONDS,
            exportStack: async () => deployed,
            close,
        });
    } catch (error) {
        throw explained(stack, error);
    } finally {
        close();
    }
}

const NO_CREDENTIALS = /^(CredentialsProviderError|TokenProviderError)$/;
const REFUSED_CREDENTIALS =
    /^(ExpiredToken(Exception)?|InvalidAccessKeyId|InvalidClientTokenId|UnrecognizedClientException|SignatureDoesNotMatch)$/;
const DENIED = /^AccessDenied(Exception)?$/;

/** What the SDK says, with what a person can do about it. */
function explained(stack: string, error: unknown): unknown {
    if (!(error instanceof Error) || error instanceof CommandError) return error;
    const { name, message } = error;
    if (message === "Region is missing") {
        return new CommandError(
            `The region of the stack ${stack} is not known. Set it: pulumi config set aws:region REGION --stack ${stack} (or AWS_REGION)`,
        );
    }
    if (NO_CREDENTIALS.test(name)) {
        return new CommandError(
            `There are no credentials for AWS: ${message}\nChoose a profile by AWS_PROFILE, or for all who work on the stack: pulumi config set aws:profile NAME --stack ${stack}`,
        );
    }
    if (REFUSED_CREDENTIALS.test(name)) {
        return new CommandError(`AWS does not take these credentials (${name}): ${message}\nLog in again.`);
    }
    if (DENIED.test(name) || name === "NoSuchBucket") {
        return new CommandError(
            `AWS refuses: ${message} (${name})\nAre the credentials those of the account of the stack ${stack}? What they must be allowed is in docs/runs.md, "On AWS".`,
        );
    }
    return error;
}
