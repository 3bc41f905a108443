import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import * as tar from "tar";
import { cacheFolder } from "./inline/cache-folder";

/**
 * Not part of what runs in a container: tests, caches, and requirements for working on the code. A `requirements.txt` is
 * what the container installs, from a folder of wheels beside it where it says so.
 */
const LEFT_OUT = [
    /^\./,
    /^__pycache__$/,
    /^tests?$/,
    /^test_.*\.py$/,
    /_test\.py$/,
    /^conftest\.py$/,
    /^requirements[-_.].+\.txt$/,
    /^requirements.*\.in$/,
    /^pyproject\.toml$/,
    /\.pyc$/,
    /\.egg-info$/,
];

/** A regular file that all may read. */
const FILE_MODE = 0o100644;

/** A folder of code, packed. */
export interface SourceArchive {
    /** Absolute path of the `tar.gz`. */
    readonly file: string;
    /** Changes with the content alone, not with times, owners or the machine. */
    readonly digest: string;
}

/** Packs a folder of training code into the user's cache folder, unless it is there already. */
export function sourceArchive(folder: string): SourceArchive {
    const files = sourceFiles(folder);
    const digest = createHash("sha256");
    for (const file of files) {
        const content = fs.readFileSync(path.join(folder, file));
        digest.update(`${file}\0${content.byteLength}\0`).update(content);
    }
    const name = digest.digest("hex").slice(0, 24);
    const cache = path.join(cacheFolder(), "source");
    const archive = path.join(cache, `${name}.tar.gz`);
    if (!fs.existsSync(archive)) {
        fs.mkdirSync(cache, { recursive: true });
        // Renamed when it is complete, since two deployments may pack at the same time.
        const temporary = `${archive}.${process.pid}.tmp`;
        tar.create(
            {
                cwd: folder,
                file: temporary,
                sync: true,
                gzip: true,
                portable: true,
                mtime: new Date(0),
                filter: (_path, entry) => {
                    // Permissions differ with the umask of whoever cloned the repository.
                    entry.mode = FILE_MODE;
                    return true;
                },
            },
            files,
        );
        fs.renameSync(temporary, archive);
    }
    return { file: archive, digest: name };
}

/** The files of a folder that are packed, as sorted paths with forward slashes. */
export function sourceFiles(folder: string): string[] {
    return entries(folder, (entry) => entry.isFile());
}

/** The symbolic links in a folder, which are not packed, likewise. */
export function symbolicLinks(folder: string): string[] {
    return entries(folder, (entry) => entry.isSymbolicLink());
}

/** What is in a folder and those within it, but for what is left out. */
function entries(folder: string, wanted: (entry: fs.Dirent) => boolean): string[] {
    const list = (below: string): string[] =>
        fs.readdirSync(path.join(folder, below), { withFileTypes: true }).flatMap((entry) => {
            if (LEFT_OUT.some((pattern) => pattern.test(entry.name))) return [];
            const relative = below === "" ? entry.name : `${below}/${entry.name}`;
            if (entry.isDirectory()) return list(relative);
            return wanted(entry) ? [relative] : [];
        });
    return list("").sort();
}
