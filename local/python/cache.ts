import { homedir } from "node:os";
import { join } from "node:path";

/** The folder for what can be made again, as the platform's conventions have it. */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
    const configured = environment.XDG_CACHE_HOME;
    // The specification says that relative paths are to be ignored.
    if (configured?.startsWith("/")) return join(configured, "sortline");
    const home = environment.HOME ?? homedir();
    return process.platform === "darwin"
        ? join(home, "Library", "Caches", "sortline")
        : join(home, ".cache", "sortline");
}
