import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { until } from "../../automation/until";
import { type Running, root, startSortline, temporaryFolder } from "./command";

/** What pythons are asked when one is looked for, and how one answers that can make environments. */
const answer = { executable: "", version: "3.12.1", minor: [3, 12], platform: "test", missing: [] };

describe("a program with a search", function () {
    this.timeout(120_000);
    const { folder, remove } = temporaryFolder();
    const asked = path.join(folder, "asked");
    const python = path.join(folder, "python");
    let running: Running | undefined;

    before(async () => {
        fs.writeFileSync(asked, "");
        // Stands for a Python, and for those of the environments that it makes: notes what each is asked to do.
        const script = `#!/bin/sh
echo "$@" >> ${asked}
case "$2" in
-c) echo '${JSON.stringify({ ...answer, executable: python })}' ;;
-m) [ "$3" != venv ] || { mkdir -p "$4/bin" && cp "$0" "$4/bin/python"; } ;;
esac
`;
        fs.writeFileSync(python, script, { mode: 0o755 });
        running = await startSortline({
            home: path.join(folder, "home"),
            cwd: path.join(root, "test", "fixtures", "programs", "retrained"),
            environment: { SORTLINE_PYTHON: python, XDG_CACHE_HOME: path.join(folder, "cache") },
        });
    });
    after(async () => {
        await running?.stop();
        remove();
    });

    it("has the tuner's Python made by start, before a search needs it", async () => {
        const installed = () => (/ -r \S+\/optuna\.txt$/m.test(fs.readFileSync(asked, "utf8")) ? true : undefined);
        await until("the tuner's packages", async () => installed());
        assert.match(fs.readFileSync(asked, "utf8"), /^-I -m venv /m);
    });
});
