import { homedir, platform } from "node:os";
import { isAbsolute, join } from "node:path";

/** The user's folder for files that can be made again. */
export function userCache(): string {
    const configured = process.env.XDG_CACHE_HOME;
    // The specification of these folders says that a relative path is to be ignored.
    if (configured !== undefined && isAbsolute(configured)) return configured;
    return platform() === "darwin" ? join(homedir(), "Library", "Caches") : join(homedir(), ".cache");
}
