/**
 * What an inline stage costs, beside the ways without it: a plain handler file bundled by hand, with the same bundler
 * settings and the same adapter, and Pulumi's `aws.lambda.CallbackFunction`. And how long it takes to build twenty.
 *
 * The stage uses @aws-sdk/client-kinesis and postal-mime, in a project that lists only those two.
 *
 * - `zip_ratio_plain`, `zip_ratio_callback`: our archive over the plain one; Pulumi's over ours. The plain one has no
 *   source map, ours has the one of its author's files.
 * - `adapter_bytes`: what the stream adapter adds to a handler that uses Kinesis already, zipped.
 * - `cold_import_ratio_plain`: time of a fresh Node process to load our code over that to load the plain one.
 * - `build_20_cold_s`, `build_20_warm_s`: from the first constructor to the last function's code, in a new process, with
 *   an empty cache folder and with a full one. `build_20_warm_synchronous_s` is the part until the last constructor returns.
 */
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Figures, figure } from "./harness/figures";
import { progress } from "./harness/progress";
import { alternate, median } from "./harness/samples";
import { coldImport } from "./inline/cold-import";
import { plainBundle, type Surroundings } from "./inline/plain-bundle";
import type { Deployed } from "./inline/programs/deploy";
import { type Project, withProject } from "./inline/project";
import { zipSize } from "./inline/zip-size";

export const summary = "inline stages: size, cold import and build time, beside a plain handler and CallbackFunction";

const IMPORT_ROUNDS = 30;
const BUILD_ROUNDS = 5;

interface Definition {
    readonly kind: object;
    readonly schema: Readonly<Record<string, unknown>>;
}

async function deployOne(project: Project, name: string, loader: "tsx" | "pulumi") {
    const { functions, described } = await project.deploy(name, { cache: join(project.folder, "cache"), loader });
    const [only, ...others] = functions;
    if (only === undefined || others.length > 0)
        throw new Error(`${name} made ${functions.length} functions, not one.`);
    return { function: only, described };
}

/** The plain handler file as code with the stage's surroundings, and as code without any. */
async function bundles(project: Project, described: unknown) {
    const { from, into } = described as { from: Definition; into: Definition };
    const settings = { stage: "forward", source: "/shop/forward", mode: "record", into: into.kind };
    const surroundings: Surroundings = { settings, from: from.schema, into: into.schema };
    return { plain: await plainBundle(project, surroundings), bare: await plainBundle(project) };
}

function sizes(ours: Deployed, callback: Deployed, { plain, bare }: { plain: string; bare: string }): Figures {
    const zip = {
        ours: zipSize(ours.entries),
        callback: zipSize(callback.entries),
        plain: zipSize([["index.js", { text: plain }]]),
        bare: zipSize([["index.js", { text: bare }]]),
    };
    return {
        zip_ratio_plain: figure(zip.ours / zip.plain, "ratio"),
        zip_ratio_callback: figure(zip.callback / zip.ours, "ratio"),
        adapter_bytes: figure(zip.plain - zip.bare, "bytes"),
        zip_bytes: figure(zip.ours, "bytes"),
        zip_bytes_plain: figure(zip.plain, "bytes"),
        zip_bytes_callback: figure(zip.callback, "bytes"),
        files_callback: figure(callback.entries.length, "files"),
    };
}

async function coldImports(project: Project, ours: Deployed, plain: string): Promise<Figures> {
    const content = ours.entries.find(([name]) => name === "index.js")?.[1];
    if (content === undefined || !("file" in content)) throw new Error("The stage's code is no file index.js.");
    const file = join(project.folder, "plain", "index.js");
    mkdirSync(dirname(file));
    writeFileSync(file, plain);
    const times = await alternate(IMPORT_ROUNDS, {
        ours: () => coldImport(content.file, ours.environment),
        plain: () => coldImport(file, ours.environment),
    });
    return {
        cold_import_ratio_plain: figure(median(times.ours) / median(times.plain), "ratio"),
        cold_import_ms: figure(median(times.ours), "ms"),
        cold_import_ms_plain: figure(median(times.plain), "ms"),
    };
}

async function buildTimes(project: Project): Promise<Figures> {
    let cache = "";
    const build = async () => {
        const { functions, time } = await project.deploy("twenty-stages", { cache, loader: "tsx" });
        if (functions.length !== 20 || time === undefined) {
            throw new Error(`The program made ${functions.length} functions, not twenty, or did not mark its start.`);
        }
        return time;
    };
    const times = await alternate(BUILD_ROUNDS, {
        cold: () => {
            cache = mkdtempSync(join(project.folder, "cache-"));
            return build();
        },
        warm: build,
    });
    return {
        build_20_cold_s: figure(median(times.cold.map((each) => each.seconds)), "s"),
        build_20_warm_s: figure(median(times.warm.map((each) => each.seconds)), "s"),
        build_20_warm_synchronous_s: figure(median(times.warm.map((each) => each.synchronousSeconds)), "s"),
    };
}

export function measure(): Promise<Figures> {
    progress("Installing a project with two dependencies …");
    return withProject(["@aws-sdk/client-kinesis", "postal-mime"], async (project) => {
        progress("Building one function in three ways …");
        const { function: ours, described } = await deployOne(project, "stage", "tsx");
        const { function: callback } = await deployOne(project, "callback-function", "pulumi");
        const { plain, bare } = await bundles(project, described);
        progress(`Loading it, ${IMPORT_ROUNDS} times each …`);
        const imports = await coldImports(project, ours, plain);
        progress(`Building twenty, ${BUILD_ROUNDS} times with an empty and with a full cache …`);
        return { ...sizes(ours, callback, { plain, bare }), ...imports, ...(await buildTimes(project)) };
    });
}
