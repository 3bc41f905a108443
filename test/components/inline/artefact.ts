import { execFile, type Serializable, spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { promisify } from "node:util";
import type * as pulumi from "@pulumi/pulumi";
import type { InlineFunction } from "../../../components/inline";

export const adapter = resolve(__dirname, "fixtures", "adapter.ts");

/** The value of an output, or the error of one that fails. */
export function settled<T>(output: pulumi.Output<T>): Promise<T> {
    // Pulumi has no public way to see an output fail; its own tests use this one too.
    return (output as unknown as { promise(): Promise<T> }).promise();
}

/** The folder of a finished artefact. */
export async function folderOf(made: InlineFunction): Promise<string> {
    const archive = (await settled(made.code)) as pulumi.asset.FileArchive;
    return await archive.path;
}

/** The environment variables of a finished artefact. */
export async function environmentOf(made: InlineFunction): Promise<Record<string, string>> {
    const variables: Record<string, string> = {};
    for (const [name, value] of Object.entries(made.environment)) {
        variables[name] = typeof value === "string" ? value : await settled(value as pulumi.Output<string>);
    }
    return variables;
}

/** Calls an artefact's handler in a process of its own, in an empty environment. */
export async function call(made: InlineFunction, event: unknown): Promise<unknown> {
    const script = `require(process.argv[1]).handler(JSON.parse(process.argv[2])).then((answer) => process.stdout.write(JSON.stringify({ answer })))`;
    const { stdout } = await promisify(execFile)(
        process.execPath,
        ["--enable-source-maps", "-e", script, await folderOf(made), JSON.stringify(event)],
        { env: await environmentOf(made) },
    );
    return (JSON.parse(stdout) as { answer?: unknown }).answer;
}

const answering = `
process.on("message", async ({ folder, environment, event }) => {
    for (const name of Object.keys(process.env)) delete process.env[name];
    Object.assign(process.env, environment);
    try {
        process.send({ answer: await require(folder).handler(event) });
    } catch (error) {
        process.send({ failure: String(error?.stack ?? error) });
    }
});`;

/** A process of its own that calls artefacts, one after the other, each in no environment but its own. */
export class Caller {
    readonly #child = spawn(process.execPath, ["--enable-source-maps", "-e", answering], {
        env: {},
        stdio: ["ignore", "inherit", "inherit", "ipc"],
        serialization: "advanced",
    });

    /** What a finished artefact's handler answers, as it is: maps, dates and cycles too. */
    async call(made: InlineFunction, event: unknown): Promise<unknown> {
        return this.callAt(await folderOf(made), await environmentOf(made), event);
    }

    async callAt(folder: string, environment: Readonly<Record<string, string>>, event: unknown): Promise<unknown> {
        const answered = once(this.#child, "message");
        this.#child.send({ folder, environment, event } as Serializable);
        const [{ answer, failure }] = (await answered) as [{ answer?: unknown; failure?: string }];
        if (failure !== undefined) throw new Error(failure);
        return answer;
    }

    end(): void {
        this.#child.disconnect();
    }
}
