import { execFile } from "node:child_process";
import type { ExportedResource, StackExport } from "../local/pulumi";
import { badInput, CommandError } from "./exit";

/** A stack as the Pulumi command tells of it. */
export interface PulumiStack {
    readonly deployed: StackExport;
    /** Its configuration, without secrets and what is not text. */
    readonly config: Readonly<Record<string, string>>;
}

/** Enough for a deployment of thousands of resources. */
const MOST_BYTES = 512 * 1024 * 1024;

/** What Pulumi writes in the place of a secret. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";

/**
 * Asks the Pulumi command on the PATH about a stack. Secrets stay encrypted, and their passphrase is not needed.
 * @param project folder of the Pulumi.yaml.
 * @throws CommandError without the command, or where it refuses; exit code 2 for a stack that is not there.
 */
export async function readPulumiStack(project: string, stack: string): Promise<PulumiStack> {
    const [exported, config] = await Promise.all([
        pulumi(project, stack, ["stack", "export"]),
        pulumi(project, stack, ["config", "--json"]),
    ]);
    return { deployed: stackExport(exported), config: textsOf(config) };
}

async function pulumi(project: string, stack: string, command: readonly string[]): Promise<unknown> {
    // In one argument with its option, a name cannot be taken for another option.
    const args = [...command, `--stack=${stack}`, "--non-interactive", "--color=never"];
    const text = await new Promise<string>((resolve, reject) => {
        const child = execFile("pulumi", args, { cwd: project, maxBuffer: MOST_BYTES }, (error, stdout, stderr) => {
            if (error === null) resolve(stdout);
            else reject(refusal(project, stack, command, error, stderr.trim()));
        });
        child.stdin?.end();
    });
    try {
        return JSON.parse(text);
    } catch {
        throw new CommandError(
            `\`pulumi ${command.join(" ")} --stack ${stack}\` printed no JSON. Is the \`pulumi\` on the PATH the Pulumi command, 3.182 or newer?`,
        );
    }
}

function refusal(
    project: string,
    stack: string,
    command: readonly string[],
    error: Error & { readonly code?: number | string | null },
    said: string,
): CommandError {
    if (error.code === "ENOENT") {
        return new CommandError(
            "--stack reads the stack by the command `pulumi`, which is not on the PATH. Install it: https://www.pulumi.com/docs/install/",
        );
    }
    if (/no stack named/.test(said)) {
        return badInput(
            `The project in ${project} has no stack "${stack}" in the backend that Pulumi is logged in to (pulumi whoami --verbose). Its stacks: pulumi stack ls`,
        );
    }
    if (/PULUMI_ACCESS_TOKEN|pulumi login|not logged in/i.test(said)) {
        return new CommandError(`Pulumi is not logged in to the backend of its state. Run: pulumi login\n${said}`);
    }
    return new CommandError(
        `\`pulumi ${command.join(" ")} --stack ${stack}\` failed in ${project}: ${said === "" ? error.message : said}`,
    );
}

/** What `pulumi stack export` prints, as far as it is read. */
interface Checkpoint {
    readonly deployment?: {
        readonly resources?: readonly (Partial<Omit<ExportedResource, "name">> & {
            readonly urn: string;
            readonly type: string;
            /** It has been replaced, and only waits to be deleted. */
            readonly delete?: boolean;
        })[];
    };
}

function stackExport(checkpoint: unknown): StackExport {
    const resources = ((checkpoint as Checkpoint).deployment?.resources ?? [])
        .filter((resource) => resource.delete !== true)
        .map((resource) => ({
            ...resource,
            // A name may itself hold two colons.
            name: resource.urn.split("::").slice(3).join("::"),
            custom: resource.custom ?? false,
            inputs: withoutSecrets(resource.inputs ?? {}),
            outputs: withoutSecrets(resource.outputs ?? {}),
            dependencies: resource.dependencies ?? [],
            protect: resource.protect ?? false,
        }));
    return { resources, outputs: resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs ?? {} };
}

/** Says `[secret]` in the place of what is encrypted, as the twin does. */
function withoutSecrets<Value>(value: Value): Value {
    return JSON.parse(JSON.stringify(value), (_, each: unknown) =>
        typeof each === "object" && each !== null && SIGNATURE in each && "ciphertext" in each ? "[secret]" : each,
    ) as Value;
}

function textsOf(config: unknown): Record<string, string> {
    return Object.fromEntries(
        Object.entries(config as Record<string, { readonly value?: unknown }>).flatMap(([key, { value }]) =>
            typeof value === "string" ? [[key, value]] : [],
        ),
    );
}
