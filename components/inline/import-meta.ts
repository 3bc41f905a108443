/** The variable that stands for `import.meta.url`, which CommonJS has not. */
const url = "sortlineImportMetaUrl";

/**
 * What packages mean by `import.meta` in an artefact: esbuild's `define`. It is the place of the artefact: files that lie
 * beside a package's own modules are not there.
 */
export const importMetaDefinitions: Readonly<Record<string, string>> = {
    "import.meta.url": url,
    "import.meta.filename": "__filename",
    "import.meta.dirname": "__dirname",
};

/** Code with a first line that it may need. `addedLines` says whether it got one. */
export function withImportMeta(code: string): { readonly code: string; readonly addedLines: number } {
    if (!code.includes(url)) return { code, addedLines: 0 };
    return { code: `const ${url}=require("node:url").pathToFileURL(__filename).href;\n${code}`, addedLines: 1 };
}
