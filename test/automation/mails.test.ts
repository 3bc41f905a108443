import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { CommandError } from "../../automation/exit";
import { metadataOf, readMails } from "../../automation/mails";

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

    it("with an mbox line at the start are one mail where the name says so", async () => {
        const file = path.join(folder, "inner", "one.EML");
        fs.writeFileSync(file, "From a@example.com Mon Nov 23 10:00:00 2026\nFrom: a@example.com\n\nhello\n");
        try {
            assert.deepEqual(
                (await all([file])).map(({ source }) => source),
                ["one.EML"],
            );
        } finally {
            fs.rmSync(file);
        }
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

    it("that are links within a folder, devices or unreadable are left out with the reason, and nothing waits", async () => {
        const odd = path.join(folder, ".odd");
        fs.mkdirSync(path.join(odd, "below"), { recursive: true });
        fs.symlinkSync("/etc/hosts", path.join(odd, "below", "link.eml"));
        fs.symlinkSync(path.join(folder, "a.eml"), path.join(odd, "given.eml"));
        execFileSync("mkfifo", [path.join(odd, "pipe")]);
        const found = await all([odd, path.join(odd, "given.eml"), "/dev/zero"]);
        assert.deepEqual(
            found.map((mail) => ("reason" in mail ? `${mail.source}: ${mail.reason}` : mail.source)),
            [
                "below/link.eml: it is a link; give the file itself",
                "given.eml: it is a link; give the file itself",
                "pipe: it is neither a file nor a folder",
                "given.eml",
                "zero: it is neither a file nor a folder",
            ],
        );
    });

    it("that do not exist are bad input, all named at once", async () => {
        await assert.rejects(all([path.join(folder, "a.eml"), "nowhere", "neither"]), (error: unknown) => {
            assert.ok(error instanceof CommandError);
            assert.equal(error.exitCode, 2);
            assert.match(error.message, /Not found: nowhere, neither/);
            return true;
        });
    });

    it("have names that travel as metadata, however long or odd: cut at the front, as the file's name is at the end", () => {
        assert.equal(metadataOf("a b/ü.eml"), "a%20b%2F%C3%BC.eml");
        assert.equal(decodeURIComponent(metadataOf("half \ud83d of a pair")), "half \ufffd of a pair");
        for (const long of ["ordner/", "größe/", "日本/"]) {
            const shown = decodeURIComponent(metadataOf(`${long.repeat(1000)}mail.eml`));
            assert.match(shown, /^….{100,}mail\.eml$/u);
            assert.ok(encodeURIComponent(shown).length <= 1900);
        }
    });
});
