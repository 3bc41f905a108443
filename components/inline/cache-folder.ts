import { homedir, platform } from "node:os";
import { isAbsolute, join } from "node:path";

/** The user's folder for what this package can make again, as the platform's conventions have it. */
export function cacheFolder(): string {
    const { XDG_CACHE_HOME: configured, LOCALAPPDATA: local } = process.env;
    // The specification of these folders says that a relative path is to be ignored.
    if (configured !== undefined && isAbsolute(configured)) return join(configured, "sortline");
    if (platform() === "darwin") return join(homedir(), "Library", "Caches", "sortline");
    if (platform() === "win32" && local !== undefined) return join(local, "sortline");
    return join(homedir(), ".cache", "sortline");
}
