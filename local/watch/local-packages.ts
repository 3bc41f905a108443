import * as fs from "node:fs";
import * as path from "node:path";

/**
 * The folders of packages that a project finds as links, as in a workspace: their code is somebody's here, who changes
 * it. Those that such packages find in turn are among them.
 * @param project Folder of the project; what contains it is left out.
 */
export function localPackages(project: string): string[] {
    const found = new Set<string>();
    const pending = [project];
    for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
        for (const target of linkedFrom(folder)) {
            if (found.has(target) || project === target || project.startsWith(target + path.sep)) continue;
            found.add(target);
            pending.push(target);
        }
    }
    return [...found].sort();
}

/** Where the links in the `node_modules` of a folder, and of those above it, lead to outside of any. */
function linkedFrom(folder: string): string[] {
    const targets: string[] = [];
    for (let at = folder; ; at = path.dirname(at)) {
        const modules = path.join(at, "node_modules");
        for (const entry of entriesOf(modules)) {
            const inner = entry.name.startsWith("@") ? entriesOf(path.join(modules, entry.name)) : [];
            const prefix = path.join(modules, entry.name);
            const links = entry.isSymbolicLink() ? [prefix] : [];
            links.push(...inner.filter((each) => each.isSymbolicLink()).map(({ name }) => path.join(prefix, name)));
            for (const link of links) {
                const target = realFolder(link);
                if (target !== undefined && !target.split(path.sep).includes("node_modules")) targets.push(target);
            }
        }
        if (path.dirname(at) === at) return targets;
    }
}

function entriesOf(folder: string): fs.Dirent[] {
    try {
        return fs.readdirSync(folder, { withFileTypes: true });
    } catch {
        return [];
    }
}

function realFolder(link: string): string | undefined {
    try {
        const target = fs.realpathSync(link);
        return fs.statSync(target).isDirectory() ? target : undefined;
    } catch {
        return undefined;
    }
}
