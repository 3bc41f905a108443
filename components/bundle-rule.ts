import { flag, integer, listOf, oneOf, options, type Rule, recordOf, text, value } from "./argument-rules";
import { type BundleOptions, bundleOptionProblems, esbuildLoaders } from "./inline";

const shape = options<BundleOptions>({
    external: listOf(text("the name of a package"), "a list of packages' names"),
    define: recordOf(text("an expression"), "an object: name, expression"),
    loader: recordOf(oneOf(esbuildLoaders), "an object: ending, loader"),
    minify: flag,
    files: recordOf(
        value("the path of a file", (given) => typeof given === "string" && given !== ""),
        "an object: name there, file here",
    ),
    warnAboveBytes: integer({ from: 0, to: 262_144_000, unit: "bytes" }),
});

/** What a stage's bundling options may be. */
export const bundleRule: Rule = {
    ...shape,
    problems: (option, given) => {
        const misshapen = shape.problems(option, given);
        if (misshapen.length > 0) return misshapen;
        return bundleOptionProblems(given as BundleOptions).map((problem) => `${option}.${problem}`);
    },
};
