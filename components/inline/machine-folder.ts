import { homedir } from "node:os";
import { dirname, sep } from "node:path";
import { everyValue } from "./data";
import { nearestFolderWith } from "./nearest-folder";

/** The folder of this machine that stands in data, which makes it differ from that of another machine; undefined without one. */
export function machineFolder(value: unknown, file: string): string | undefined {
    const project = nearestFolderWith(dirname(file), ["Pulumi.yaml", "package.json"]) ?? dirname(file);
    const folders = [project, process.cwd(), homedir()].filter((each) => each !== sep);
    let found: string | undefined;
    everyValue(value, (each) => {
        const text = each instanceof URL ? each.pathname : each;
        if (typeof text === "string") {
            found = folders.find((folder) => {
                const at = text.indexOf(folder);
                const before = text[at - 1] ?? " ";
                const after = text[at + folder.length] ?? sep;
                // Not in the middle of a longer path or name.
                return at !== -1 && !/[\w.-]/.test(before) && !/[\w.-]/.test(after);
            });
        }
        return found === undefined;
    });
    return found;
}
