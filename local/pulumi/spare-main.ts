// What a spare process runs: it waits for its work, then becomes a program's process like any other.

import { statSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { SpareWork } from "./spare-program";

/** As `refusedBySpare`, which cannot be imported here: what a program's process loads is Pulumi and the program. */
const refused = 75;

interface PulumiRuntime {
    resetOptions(...options: readonly unknown[]): void;
    setAllConfig(values: Record<string, string>, secretKeys: readonly string[]): void;
}

const program = createRequire(join(process.cwd(), "index.js"));

async function wait(): Promise<void> {
    const pulumi = createRequire(program.resolve("@pulumi/pulumi"));
    // Pulumi's command begins with these, and they take their time.
    pulumi("@pulumi/pulumi/cmd/run/tracing");
    await pulumi("@pulumi/pulumi/runtime/closure/v8Hooks").isInitializedAsync();
    const { runtime } = pulumi("@pulumi/pulumi") as { runtime: PulumiRuntime };
    const loaded = times();

    // Nothing else is to happen here until then.
    const work = await text(process.stdin);
    if (work === "") process.exit(0);
    const { main, environment } = JSON.parse(work) as SpareWork;
    if (JSON.stringify(times()) !== JSON.stringify(loaded)) process.exit(refused);

    for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
    Object.assign(process.env, environment);
    takeUp(runtime, main, environment);
    const [command = "", ...parameters] = main;
    process.argv = [process.execPath, command, ...parameters];
    require(command);
}

/** Pulumi has read its settings when it was loaded, and those were nobody's. */
function takeUp(runtime: PulumiRuntime, main: readonly string[], environment: SpareWork["environment"]): void {
    const option = (name: string) => main[main.indexOf(`--${name}`) + 1];
    runtime.resetOptions(
        ...[option("project"), option("stack"), Number(option("parallel"))],
        ...[option("engine"), option("monitor"), false, option("organization")],
    );
    runtime.setAllConfig(
        JSON.parse(environment.PULUMI_CONFIG ?? "{}") as Record<string, string>,
        JSON.parse(environment.PULUMI_CONFIG_SECRET_KEYS ?? "[]") as string[],
    );
}

/** When each loaded file was changed last. */
function times(): readonly (number | undefined)[] {
    return Object.keys(require.cache).map((file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs);
}

// Whatever is missing here, a process of its own will meet it again and tell.
wait().catch(() => process.exit(refused));
