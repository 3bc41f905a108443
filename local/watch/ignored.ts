import { basename } from "node:path";

/** Folders that hold what others have made: packages, builds, version control, settings of tools. */
const folders = new Set(["node_modules", "dist", "__pycache__"]);

/** Whether what lies in a folder of this name is no part of a program. */
export function isIgnoredFolder(path: string): boolean {
    const name = basename(path);
    return folders.has(name) || name.startsWith(".");
}

/** What editors put beside a file while they save it. A program may well read `.env`. */
export function isIgnoredFile(path: string): boolean {
    const name = basename(path);
    return /^\.(?!env)|~$|\.sw[a-z]$|^#.*#$|^4913$|\.tmp$/.test(name);
}
