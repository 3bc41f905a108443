import { dirname, join } from "node:path";
import { build } from "esbuild";
import { esbuildSettings } from "../../components/inline/bundle-options";
import { compileValidator, type JsonSchema } from "../../components/schema";
import type { Project } from "./project";

/** What surrounds the handler of a stage, as data. */
export interface Surroundings {
    readonly settings: Readonly<Record<string, unknown>>;
    readonly from: JsonSchema;
    readonly into: JsonSchema;
}

/**
 * Bundles the handler file as one would do it by hand, with the settings that artefacts are made with: alone, or with
 * the adapter that surrounds a stage's callback. Returns the code, without a source map.
 */
export async function plainBundle(project: Project, surroundings?: Surroundings): Promise<string> {
    const handler = project.program("plain-handler");
    const adapter = join(project.folder, "node_modules/sortline/components/runtime/stream-adapter.ts");
    const alone = `export { forward as handler } from ${JSON.stringify(handler)};`;
    const modules = new Map([
        ["sortline:input-schema", () => compileValidator(surroundings?.from ?? {})],
        ["sortline:output-schema", () => compileValidator(surroundings?.into ?? {})],
    ]);
    const { outputFiles } = await build({
        stdin: {
            contents:
                surroundings === undefined
                    ? alone
                    : `import { adapt } from ${JSON.stringify(adapter)};
                       import { forward } from ${JSON.stringify(handler)};
                       export const handler = adapt(forward, ${JSON.stringify(surroundings.settings)}, {});`,
            resolveDir: dirname(handler),
        },
        ...esbuildSettings("nodejs22.x", true),
        absWorkingDir: project.folder,
        plugins: [
            {
                name: "schemas",
                setup({ onResolve, onLoad }) {
                    onResolve({ filter: /^sortline:/ }, ({ path }) => ({ path, namespace: "schemas" }));
                    onLoad({ filter: /.*/, namespace: "schemas" }, ({ path }) => ({
                        contents: modules.get(path)?.(),
                        resolveDir: dirname(adapter),
                    }));
                },
            },
        ],
    });
    return outputFiles[0]?.text ?? "";
}
