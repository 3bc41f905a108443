// Stacks of the real Pulumi command on a twin, by the Automation API, with all that the command keeps in a folder of
// their own.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { type InlineProgramArgs, LocalWorkspace, type PulumiFn, type Stack } from "@pulumi/pulumi/automation";
import { dump, load } from "js-yaml";
import { programs } from "../local/pulumi/engine";
import type { TwinUnderTest } from "../local/twin-under-test";

const repository = resolve(__dirname, "../..");
const projectFile = join(repository, "local/project/Pulumi.yaml");
const plugin = join(repository, "local/project/plugin");

/** Whether the command can be run here. */
export const isInstalled = spawnSync("pulumi", ["version"]).status === 0;

export interface RealPulumi {
    /** A stack of a fixture's program. */
    program(name: string, config?: Readonly<Record<string, string>>): Promise<Stack>;
    /** A stack of `local/project`. @param name @default "dev" */
    reference(name?: string): Promise<Stack>;
    inline(program: PulumiFn): Promise<Stack>;
    /**
     * The stack of a team's own project in a folder with a twin's home, set up as the README says: a copy of its
     * Pulumi.yaml in a folder below, with the settings of `local/project/Pulumi.yaml` and the package's plugin.
     */
    ofTeam(project: string): Promise<Stack>;
    /** All that the command has written about its stacks. */
    state(): string;
    close(): void;
}

export function realPulumi(twin: Pick<TwinUnderTest, "home">): RealPulumi {
    const folder = mkdtempSync(join(tmpdir(), "sortline-pulumi-"));
    const backend = { url: `file://${folder}` };
    const plugins = { providers: [{ name: "aws", path: plugin }] };
    const workspace = {
        pulumiHome: join(folder, "home"),
        envVars: {
            SORTLINE_HOME: twin.home,
            PULUMI_CONFIG_PASSPHRASE: "",
            PULUMI_BACKEND_URL: backend.url,
            PULUMI_SKIP_UPDATE_CHECK: "true",
            // Were a plugin looked for elsewhere than in the project, it would be found missing.
            PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
        },
    };

    async function ofProject(settings: object, stackName = "dev"): Promise<Stack> {
        const workDir = mkdtempSync(join(folder, "project-"));
        writeFileSync(join(workDir, "Pulumi.yaml"), dump(settings));
        return LocalWorkspace.createOrSelectStack({ stackName, workDir }, workspace);
    }

    return {
        async program(name, config = {}) {
            const source = Object(load(readFileSync(join(programs, name, "Pulumi.yaml"), "utf8")));
            const main = join(programs, name, "index.ts");
            const stack = await ofProject({ ...source, ...tsx, main, backend, plugins });
            for (const [key, value] of Object.entries(config)) await stack.setConfig(key, { value });
            return stack;
        },
        reference(name) {
            const project = Object(load(readFileSync(projectFile, "utf8")));
            const main = resolve(dirname(projectFile), project.main);
            return ofProject({ ...project, main, backend, plugins }, name);
        },
        async ofTeam(project) {
            const { backend: own, runtime } = Object(load(readFileSync(projectFile, "utf8")));
            const path = "../node_modules/sortline/local/project/plugin";
            const settings = { name: "team", runtime, main: "../index.ts", backend: own };
            const workDir = join(project, "local");
            mkdirSync(workDir);
            const yaml = dump({ ...settings, plugins: { providers: [{ name: "aws", path }] } });
            writeFileSync(join(workDir, "Pulumi.yaml"), yaml);
            const { SORTLINE_HOME: _, PULUMI_BACKEND_URL: __, ...envVars } = workspace.envVars;
            return LocalWorkspace.createOrSelectStack({ stackName: "dev", workDir }, { ...workspace, envVars });
        },
        inline(program) {
            const args: InlineProgramArgs = { stackName: "dev", projectName: "inline", program };
            const projectSettings = { name: "inline", runtime: "nodejs" as const, main: repository, backend, plugins };
            return LocalWorkspace.createOrSelectStack(args, { ...workspace, projectSettings });
        },
        state() {
            const state = join(folder, ".pulumi");
            const files = readdirSync(state, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
            return files.map((file) => readFileSync(join(file.parentPath, file.name), "utf8")).join("\n");
        },
        close: () => rmSync(folder, { recursive: true, force: true }),
    };
}

const tsx = { runtime: { name: "nodejs", options: { typescript: false, nodeargs: "--import=tsx" } } };
