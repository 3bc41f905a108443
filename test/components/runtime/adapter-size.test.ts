import assert from "node:assert/strict";
import * as path from "node:path";
import { deflateRawSync } from "node:zlib";
import { build, type Plugin } from "esbuild";
import { z } from "zod";
import { esbuildSettings } from "../../../components/inline/bundle-options";
import { runtimeModule } from "../../../components/package-files";
import { compileValidator, toJsonSchema } from "../../../components/schema";

const MAX_ADDED_BYTES = 20_000;

const Order = z.object({
    id: z.string().min(1),
    text: z.string(),
    category: z.enum(["a", "b", "c"]).optional(),
    lines: z.array(z.object({ article: z.string(), count: z.number().int().positive() })),
});

const schemas: Plugin = {
    name: "schemas",
    setup(bundle) {
        bundle.onResolve({ filter: /^sortline:/ }, ({ path: name }) => ({ path: name, namespace: "schema" }));
        bundle.onLoad({ filter: /.*/, namespace: "schema" }, () => ({
            contents: compileValidator(toJsonSchema(Order)),
            loader: "js",
            resolveDir: path.dirname(runtimeModule("stream-adapter")),
        }));
    },
};

/** Bundles as an artefact is bundled. Tells the bytes of the zipped code and the packages in it. */
async function bundled(contents: string, module: string): Promise<{ bytes: number; packages: Set<string> }> {
    const adapter = runtimeModule(module);
    const { outputFiles, metafile } = await build({
        stdin: { contents: contents.replace("ADAPTER", JSON.stringify(adapter)), resolveDir: path.dirname(adapter) },
        ...esbuildSettings("nodejs22.x", true),
        metafile: true,
        plugins: [schemas],
    });
    const [output] = outputFiles;
    const inputs = Object.keys(metafile.inputs);
    return {
        bytes: deflateRawSync(output?.contents ?? new Uint8Array(), { level: 9 }).byteLength,
        packages: new Set(inputs.flatMap((input) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? [])),
    };
}

describe("the adapter of a stage", () => {
    const handler = `
        import { KinesisClient, PutRecordsCommand } from "@aws-sdk/client-kinesis";
        const client = new KinesisClient({});
        const own = (records) => client.send(new PutRecordsCommand(records));`;

    const callbacks = {
        "stream-adapter":
            'adapt(own, { stage: "s", source: "/p/s", mode: "record", into: { type: "t", dataschema: "d" } })',
        "window-adapter":
            'adapt(own, { stage: "s", source: "/p/s", initial: 0, into: { type: "t", dataschema: "d" } }, { close: own })',
    };
    for (const [module, adapted] of Object.entries(callbacks)) {
        it(`adds at most ${MAX_ADDED_BYTES} zipped bytes to a handler that uses Kinesis, and no other client: ${module}`, async () => {
            const alone = await bundled(`${handler} export const handler = own;`, module);
            const whole = await bundled(
                `${handler} import { adapt } from ADAPTER; export const handler = ${adapted};`,
                module,
            );
            const added = whole.bytes - alone.bytes;
            assert.ok(added <= MAX_ADDED_BYTES, `${added} bytes`);
            const brought = [...whole.packages].filter((name) => !alone.packages.has(name));
            assert.deepEqual(brought.sort(), [
                "@aws-lambda-powertools/commons",
                "@aws-lambda-powertools/metrics",
                "ajv",
            ]);
        });
    }
});
