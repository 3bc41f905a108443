import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InvalidOptions, type LocalOptions, startLocal } from "../../testing";

describe("the options of a program on a twin", function () {
    this.timeout(60_000);
    let folder: string;
    const project = join(__dirname, "../fixtures/programs/weather");

    before(() => {
        folder = mkdtempSync(join(tmpdir(), "sortline-options-"));
    });
    after(() => rmSync(folder, { recursive: true, force: true }));

    /** What is wrong with them, line by line. Nothing may have been made by then. */
    async function problems(options: LocalOptions): Promise<readonly string[]> {
        const home = join(folder, "home");
        const error = await startLocal({ ...options, home }).then(
            async (local) => {
                await local.close();
                return assert.fail("It has started.");
            },
            (error: unknown) => error,
        );
        assert.ok(error instanceof InvalidOptions, String(error));
        assert.ok(!existsSync(home), "a home was made");
        for (const problem of error.problems) assert.ok(error.message.includes(problem), problem);
        return error.problems;
    }

    it("are told all at once where they are wrong, with their values and what they may be", async () => {
        const nowhere = join(folder, "nowhere");
        const [first = "", ...others] = await problems({
            project: nowhere,
            pace: "" as "fast",
            config: { "sortline:threshold": 1, threshold: 2, "a b:c": 3 },
        });
        assert.ok(first.startsWith(`project is "${nowhere}"`), first);
        assert.match(first, /no such folder/);
        assert.deepEqual(others, [
            'pace is ""; it must be "fast" or "aws"',
            'config has the key "threshold"; a key has a namespace, a colon and a name, such as "sortline:threshold"',
            'config has the key "a b:c"; a key has a namespace, a colon and a name, such as "sortline:threshold"',
        ]);
    });

    it("name the pace that there is not", async () => {
        const unknown = ["slow", "AWS", null, 1].map((pace) => problems({ project, pace: pace as "fast" }));
        assert.deepEqual(await Promise.all(unknown), [
            ['pace is "slow"; it must be "fast" or "aws"'],
            ['pace is "AWS"; it must be "fast" or "aws"'],
            ['pace is null; it must be "fast" or "aws"'],
            ['pace is 1; it must be "fast" or "aws"'],
        ]);
    });

    it("say what a folder lacks to be a project", async () => {
        const empty = join(folder, "empty");
        mkdirSync(empty);
        const [missing] = await problems({ project: empty });
        assert.match(missing ?? "", /^project is ".*empty"; .*Pulumi\.yaml/);
        writeFileSync(join(empty, "Pulumi.yaml"), "name: other\nruntime: python\n");
        const [other] = await problems({ project: empty });
        assert.match(other ?? "", /^project is ".*empty"; .*runtime "python"/);
        const [file] = await problems({ project: join(empty, "Pulumi.yaml") });
        assert.match(file ?? "", /^project is ".*Pulumi\.yaml"; .*folder/);
        const [none] = await problems({ project: undefined as unknown as string });
        assert.match(none ?? "", /^project is undefined; .*folder/);
    });
});
