import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { CommandError } from "../../automation/exit";
import { readMails } from "../../automation/mails";

describe("mails to send", () => {
    let folder = "";
    before(() => {
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "sortline-mails-"));
        fs.mkdirSync(path.join(folder, "inner"));
        fs.writeFileSync(path.join(folder, "a.eml"), "From: a@example.com\n\nhello");
        fs.writeFileSync(path.join(folder, "inner", "b.eml"), "From: b@example.com\n\nhello");
        fs.writeFileSync(path.join(folder, ".hidden"), "From: c@example.com\n\nhello");
        fs.writeFileSync(path.join(folder, "empty.eml"), "");
        const one = "From a@example.com Mon Nov 23 10:00:00 2026\nFrom: a@example.com\n\n>From here on\n\n";
        fs.writeFileSync(path.join(folder, "inner", "box.mbox"), one + one);
    });
    after(() => fs.rmSync(folder, { recursive: true, force: true }));

    const all = async (paths: string[]) => {
        const found = [];
        for await (const mail of readMails(paths)) found.push(mail);
        return found;
    };

    it("come from files, folders with sub-folders and mailboxes, named below what was given", async () => {
        const sources = (await all([folder])).map(({ source }) => source);
        assert.deepEqual(sources, ["a.eml", "empty.eml", "inner/b.eml", "inner/box.mbox#1", "inner/box.mbox#2"]);
        assert.deepEqual(
            (await all([path.join(folder, "a.eml")])).map(({ source }) => source),
            ["a.eml"],
        );
    });

    it("that are empty or larger than SES takes are left out with the reason, and the rest goes on", async () => {
        const large = path.join(folder, "large.eml");
        fs.writeFileSync(large, "");
        fs.truncateSync(large, 60_000_000);
        try {
            const found = await all([folder]);
            const reasons = found.flatMap((mail) => ("reason" in mail ? [`${mail.source}: ${mail.reason}`] : []));
            assert.deepEqual(reasons, [
                "empty.eml: it is empty",
                "large.eml: it has 60 MB, and mail may have at most 40 MB, as at SES",
            ]);
            assert.equal(found.length, 6);
        } finally {
            fs.rmSync(large);
        }
    });

    it("that do not exist are bad input, all named at once", async () => {
        await assert.rejects(all([path.join(folder, "a.eml"), "nowhere", "neither"]), (error: unknown) => {
            assert.ok(error instanceof CommandError);
            assert.equal(error.exitCode, 2);
            assert.match(error.message, /Not found: nowhere, neither/);
            return true;
        });
    });
});
