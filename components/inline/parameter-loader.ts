import { transform } from "esbuild";
import { parametersVariable } from "./write-values";

/** The environment variable that names the parameters: `name:version`, separated by commas. */
export const parametersEnvironment = "SORTLINE_PARAMETERS";

// Values that must not, or do not, fit into the environment come from Parameter Store: then the code runs when they are
// there, at the first call. The client is that of Lambda's own image, so that no artefact has to carry it.
const epilogue = `
const names = process.env.${parametersEnvironment};
if (names === undefined) run(module, exports, undefined);
else {
    let ready;
    const load = async () => {
        const { GetParametersCommand, SSMClient } = require("@aws-sdk/client-ssm");
        const input = { Names: names.split(","), WithDecryption: true };
        const { Parameters = [], InvalidParameters = [] } = await new SSMClient({}).send(new GetParametersCommand(input));
        if (InvalidParameters.length > 0) throw new Error("the parameters " + InvalidParameters + " are missing: deploy the function again");
        const loaded = { exports: {} };
        run(loaded, loaded.exports, Object.assign({}, ...Parameters.map(({ Value }) => JSON.parse(Value))));
        return loaded.exports.handler;
    };
    const forget = (error) => {
        ready = undefined;
        throw error;
    };
    exports.handler = async (event, context) => {
        ready ??= load().catch(forget);
        return (await ready)(event, context);
    };
}
`;

const prologue = `const run=(module,exports,${parametersVariable})=>{\n`;
let minified: Promise<string> | undefined;

/** The minified end of the code around a bundle, made once by the bundler. */
export function minifiedEnd(): Promise<string> {
    // In a block, so that names are shortened too, but for those that the beginning declares.
    minified ??= transform(`{${epilogue}}`, { minify: true, format: "cjs", target: "node22" }).then(({ code }) => code);
    return minified;
}

/** Surrounds a bundle of an artefact that reads outputs. Its lines move down by `addedLines`. */
export async function withParameters(code: string, minify: boolean): Promise<string> {
    return `${prologue}${code}};${minify ? await minifiedEnd() : epilogue}`;
}

/** Lines that stand before the bundle. */
export const addedLines = 1;
