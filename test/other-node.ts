import { execFile } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { promisify } from "node:util";
import type { Context } from "mocha";
import { cacheFolder } from "../local/python/cache";

/** The package that holds Node for this platform, named as npm's package `node` asks for it. */
function platformPackage(): string {
    const { platform, arch } = process;
    const prefix = platform === "darwin" && arch === "arm64" ? "node-bin" : "node";
    return `${prefix}-${platform === "win32" ? "win" : platform}-${arch}`;
}

/**
 * Path of another version of Node, brought by npm and kept in the user's cache folder. Where it cannot be had the test is
 * skipped and says so; where `CI` is set it fails, so that CI never passes by skipping.
 */
export async function otherNode(test: Context, version: string): Promise<string> {
    const name = platformPackage();
    const folder = path.join(cacheFolder(), `node-${version}`);
    const node = path.join(folder, "node_modules", name, "bin", process.platform === "win32" ? "node.exe" : "node");
    if (fs.existsSync(node)) return node;
    fs.mkdirSync(path.dirname(folder), { recursive: true });
    const draft = fs.mkdtempSync(`${folder}-`);
    try {
        const options = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
        await promisify(execFile)("npm", ["install", "--prefix", draft, ...options, `${name}@${version}`]);
        fs.renameSync(draft, folder);
        return node;
    } catch (error) {
        if (fs.existsSync(node)) return node; // another run was faster
        const missing = `Node ${version} cannot be had as npm's package ${name}: ${(error as Error).message.trim()}`;
        if (process.env.CI !== undefined) throw new Error(missing);
        process.stdout.write(`skipped, since ${missing}\n`);
        return test.skip();
    } finally {
        fs.rmSync(draft, { recursive: true, force: true });
    }
}
