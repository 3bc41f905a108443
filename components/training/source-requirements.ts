import * as fs from "node:fs";
import * as path from "node:path";
import { sourceFiles } from "../source-archive";

/** What SageMaker installs in the container before the scripts run. */
const REQUIREMENTS = "requirements.txt";

/** What pip would be told by the requirements of a source folder. */
interface PipInstructions {
    /** Lines that name a package. */
    readonly packages: readonly string[];
    /** Whether no package index is asked. */
    readonly noIndex: boolean;
    /** Whether the index is named, and the program knows that the jobs reach it. */
    readonly namesIndex: boolean;
    /** Folders to look for packages in, as written. */
    readonly findLinks: readonly FileReference[];
    /** Other files with requirements that cannot be read, as written. */
    readonly missing: readonly FileReference[];
}

/** What a line of a file with requirements says of another place. */
interface FileReference {
    readonly option: string;
    readonly name: string;
    /** File in which it stands, from the source folder. */
    readonly file: string;
}

/**
 * What a container could not install, or would not find in the archive of a source folder.
 * @param isolated whether the containers have no network at all.
 */
export function requirementProblems(source: string, isolated: boolean): string[] {
    if (!fs.existsSync(path.join(source, REQUIREMENTS))) return [];
    const files = sourceFiles(source);
    const { missing, findLinks, noIndex } = instructions(source, files);
    const wheels = path.join(source, "wheels");
    return [
        ...missing.map(
            ({ option, name, file }) =>
                `source has a ${file} with ${option} ${name}, which is not packed; give ${name} another name where it is called as files for developers are (requirements-….txt), or write its lines into ${file}`,
        ),
        ...findLinks
            .filter(({ name, file }) => !hasWheels(name, file, files))
            .map(
                ({ option, name, file }) =>
                    `source has a ${file} with ${option} ${name}, where no wheel (.whl) is; put wheels there, such as by pip download, or leave the line out`,
            ),
        ...(isolated && !noIndex
            ? [
                  `source has a ${REQUIREMENTS}, which a container without a network cannot install; give it the lines --no-index and --find-links wheels, and put the wheels into ${wheels}`,
              ]
            : []),
    ];
}

/** What is allowed and rarely meant, where jobs are in a network of the team's. */
export function requirementDoubts(source: string): string[] {
    if (!fs.existsSync(path.join(source, REQUIREMENTS))) return [];
    const { packages, noIndex, namesIndex, findLinks } = instructions(source, sourceFiles(source));
    if (packages.length === 0) return [];
    if (!noIndex && !namesIndex) {
        return [
            `source has a ${REQUIREMENTS}, which pip installs from the internet: jobs in a VPC without a way there fail. Put wheels beside it and begin it with --no-index and --find-links wheels, or name the index that they reach: --index-url.`,
        ];
    }
    return noIndex && findLinks.length === 0
        ? [
              `source has a ${REQUIREMENTS} with --no-index and no --find-links: pip installs nothing, and jobs fail where the image lacks one of ${packages.join(", ")}.`,
          ]
        : [];
}

/** Reads the requirements with those that they name in turn, as pip does. */
function instructions(source: string, files: readonly string[]): PipInstructions {
    const packages: string[] = [];
    const findLinks: FileReference[] = [];
    const missing: FileReference[] = [];
    let noIndex = false;
    let namesIndex = false;
    const read = new Set<string>();
    const readFile = (file: string) => {
        read.add(file);
        for (const line of lines(fs.readFileSync(path.join(source, file), "utf8"))) {
            if (!line.startsWith("-")) packages.push(line);
            else for (const { option, name } of optionsOf(line)) apply(option, { option, name, file });
        }
    };
    const apply = (option: string, reference: FileReference) => {
        const { name, file } = reference;
        if (option === "--no-index") noIndex = true;
        else if (["--index-url", "-i", "--extra-index-url"].includes(option)) namesIndex = true;
        else if (isElsewhere(name)) return;
        else if (["--find-links", "-f"].includes(option)) findLinks.push(reference);
        else if (["--requirement", "-r", "--constraint", "-c"].includes(option)) {
            const named = path.posix.join(path.posix.dirname(file), name);
            if (!files.includes(named)) missing.push(reference);
            else if (!read.has(named)) readFile(named);
        }
    };
    readFile(REQUIREMENTS);
    return { packages, noIndex, namesIndex, findLinks, missing };
}

/** Lines without comments; one that ends with a backslash goes on. */
function lines(text: string): string[] {
    return text
        .replace(/^\uFEFF/, "")
        .replace(/\\\r?\n/g, "")
        .split(/\r?\n/)
        .map((line) => line.replace(/(^|\s)#.*$/, "").trim())
        .filter((line) => line !== "");
}

/** The options of a line: `--find-links wheels`, `--find-links=wheels`, `-f wheels` or `-fwheels`; those without a value. */
function optionsOf(line: string): Pick<FileReference, "option" | "name">[] {
    const words = line.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? [];
    return words.flatMap((word, at) => {
        const [, option = "", joined = ""] = /^(--[a-z-]+|-[a-z])=?(.*)$/s.exec(word) ?? [];
        if (option === "") return [];
        const next = words[at + 1] ?? "";
        const name = joined === "" && !next.startsWith("-") ? next : joined;
        return [{ option, name: name.replaceAll(/["']/g, "") }];
    });
}

/** What is not in the source folder: an address, a path of the container's, or what its environment says. */
function isElsewhere(name: string): boolean {
    return name === "" || /^[a-z+]+:/i.test(name) || name.startsWith("/") || name.includes("${");
}

/** pip looks beside the file that names the folder, and then from where it is called: the source folder. */
function hasWheels(name: string, file: string, files: readonly string[]): boolean {
    return [path.posix.dirname(file), "."].some((from) => {
        const place = path.posix.join(from, name).replace(/\/$/, "");
        return files.some((each) => each.endsWith(".whl") && [each, path.posix.dirname(each)].includes(place));
    });
}
