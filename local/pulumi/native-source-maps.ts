// Loaded into a program's process before Pulumi, which would install a reader of source maps of its own. That one knows
// nothing of the maps that tsx makes, so that errors point to lines that are not the user's; Node reads them itself.

import Module, { createRequire } from "node:module";

const pulumi = createRequire(process.argv[1] ?? __filename);
try {
    const file = pulumi.resolve("source-map-support/register");
    pulumi.cache[file] = Object.assign(new Module(file), { filename: file, loaded: true });
} catch {
    // This version of Pulumi does not have it.
}
