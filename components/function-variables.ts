import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type PolicyStatement, parametersEnvironment, secretWithin } from "./inline";

type Variables = Readonly<Record<string, pulumi.Input<string>>>;
type Values = Readonly<Record<string, string>>;

/** What a function's code reads at run time, and where it stands. */
export interface FunctionVariables {
    readonly environment: pulumi.Input<Record<string, pulumi.Input<string>>>;
    /** ARNs of the parameters that the function must be allowed to read. */
    readonly parameters: pulumi.Output<readonly string[]>;
}

/** Lambda's limit for names and values together, in bytes. */
const largestEnvironment = 4096;
/** Parameter Store's limit for a value of the advanced tier, in bytes. */
const largestParameter = 8192;
/** Bytes for the variable that names the parameters: two ARN-sized names with their versions. */
const roomForReferences = 600;

/**
 * Gives a function its values: in environment variables as long as they fit, and else in one parameter of Parameter Store;
 * secrets always in an encrypted parameter, since whoever may look at a function sees its environment.
 *
 * @param own Variables of the component itself, such as names of resources; never secret.
 * @param captured Outputs that the handler reads. The deployment fails when they are too large for a parameter too.
 */
export function functionVariables(
    name: string,
    parent: pulumi.Resource,
    own: Variables,
    captured: Variables,
): FunctionVariables {
    if (Object.keys(captured).length === 0) return { environment: { ...own }, parameters: pulumi.output([]) };
    const divided = pulumi.output(secretNames(captured)).apply((secrets) => {
        const isSecret = (variable: string) => secrets.includes(variable);
        const secret = secrets.length === 0 ? undefined : secretParameter(name, parent, only(captured, isSecret));
        // Only the values tell whether they fit: where they are not known yet, the deployment itself finds out.
        return pulumi
            .all([pulumi.output(own), pulumi.output(only(captured, (variable) => !isSecret(variable)))])
            .apply(([ownValues, plain]) => {
                refuseSecretSettings(name, plain);
                const fits = bytesOf(ownValues) + bytesOf(plain) + roomForReferences <= largestEnvironment;
                const parameters = [secret, fits ? undefined : overflowParameter(name, parent, plain)].filter(
                    (each) => each !== undefined,
                );
                return pulumi.output({
                    // By its version, so that a running copy of the function never keeps an old value.
                    references: pulumi.all(parameters.map((each) => pulumi.interpolate`${each.name}:${each.version}`)),
                    arns: pulumi.all(parameters.map((each) => each.arn)),
                    variables: { ...ownValues, ...(fits ? plain : {}) } as Values,
                });
            });
    });
    return {
        environment: divided.apply(({ variables, references }) =>
            references.length === 0 ? variables : { ...variables, [parametersEnvironment]: references.join(",") },
        ),
        parameters: divided.apply(({ arns }) => arns),
    };
}

/** A secret that was made an output by hand is one that nobody knows to be secret. */
function refuseSecretSettings(name: string, values: Values): void {
    for (const [variable, value] of Object.entries(values)) {
        const secret = secretWithin(value);
        if (secret === undefined) continue;
        throw new pulumi.RunError(
            `"${name}": ${variable} holds the secret setting "${secret}", and would stand in the function's environment. ` +
                `Take it as config.requireSecret("${secret.split(":").at(-1)}"), then it travels encrypted`,
        );
    }
}

/** What a function must be allowed to do to read parameters. */
export function readsParameters(arns: readonly string[]): readonly PolicyStatement[] {
    if (arns.length === 0) return [];
    return [{ actions: ["ssm:GetParameters"], resources: arns, because: "outputs that are read at cold start" }];
}

async function secretNames(captured: Variables): Promise<string[]> {
    const names = await Promise.all(
        Object.entries(captured).map(async ([variable, value]) =>
            (await pulumi.isSecret(pulumi.output(value))) ? [variable] : [],
        ),
    );
    return names.flat();
}

function only(variables: Variables, wanted: (variable: string) => boolean): Variables {
    return Object.fromEntries(Object.entries(variables).filter(([variable]) => wanted(variable)));
}

function bytesOf(values: Values): number {
    return Object.entries(values).reduce(
        (sum, [variable, value]) => sum + Buffer.byteLength(variable) + Buffer.byteLength(value),
        0,
    );
}

function secretParameter(name: string, parent: pulumi.Resource, secret: Variables): aws.ssm.Parameter {
    const value = pulumi.output(secret).apply((values) => fitting(name, values));
    return new aws.ssm.Parameter(
        `${name}-secrets`,
        {
            description: `Secrets that ${name} reads`,
            type: "SecureString",
            tier: "Intelligent-Tiering",
            value: pulumi.secret(value),
        },
        { parent },
    );
}

function overflowParameter(name: string, parent: pulumi.Resource, values: Values): aws.ssm.Parameter {
    return new aws.ssm.Parameter(
        `${name}-outputs`,
        {
            description: `Outputs that ${name} reads and that its environment has no room for`,
            type: "String",
            // More than four kilobytes cost some cents a month.
            tier: "Intelligent-Tiering",
            value: fitting(name, values),
        },
        { parent },
    );
}

/** Values as a parameter's text. Names, never values, stand in the error. */
function fitting(name: string, values: Values): string {
    const text = JSON.stringify(values);
    const bytes = Buffer.byteLength(text);
    if (bytes <= largestParameter) return text;
    const largest = Object.entries(values)
        .map(([variable, value]) => ({ variable, bytes: Buffer.byteLength(value) }))
        .sort((a, b) => b.bytes - a.bytes)
        .slice(0, 5)
        .map((each) => `${each.variable} ${each.bytes}`);
    throw new pulumi.RunError(
        `"${name}" reads outputs of ${bytes} bytes together, and at most ${largestParameter} fit into a parameter ` +
            `(the largest: ${largest.join(", ")} bytes). Put large ones into a bucket and read them in the handler`,
    );
}
