import assert from "node:assert/strict";
import { isMailbox, splitMailbox } from "../../functions";

const SEPARATOR = "From ada@example.com Mon Aug 12 16:46:35 2002\n";

async function split(...pieces: string[]): Promise<string[]> {
    const mails: string[] = [];
    for await (const mail of splitMailbox(pieces.map((piece) => Buffer.from(piece, "latin1")))) {
        mails.push(Buffer.from(mail).toString("latin1"));
    }
    return mails;
}

describe("splitMailbox", () => {
    const mailbox = `${SEPARATOR}Subject: one\n\nFirst.\n>From here\n>>From there\n\n${SEPARATOR}Subject: two\r\n\r\nSecond.\r\n`;
    const mails = ["Subject: one\n\nFirst.\nFrom here\n>From there\n", "Subject: two\r\n\r\nSecond.\r\n"];

    it("gives each mail without separator and with quoted lines restored", async () => {
        assert.deepEqual(await split(mailbox), mails);
    });

    it("gives the same in whatever pieces the file comes", async () => {
        assert.deepEqual(await split(...mailbox), mails);
    });

    it("does not split at a sentence that starts with From", async () => {
        assert.equal(
            (await split(`${SEPARATOR}Subject: one\n\nHello\n\nFrom 10:30 on in 2026 or so\nFrom me\n`)).length,
            1,
        );
        assert.equal((await split(`${SEPARATOR}Subject: one\n\nHello\n\nFrom the desk of Ada\n`)).length, 1);
        assert.equal((await split(`${SEPARATOR}Subject: one\n\nHello\n${SEPARATOR}Bye\n`)).length, 1);
    });

    it("keeps what comes before the first separator, and gives nothing for an empty file", async () => {
        assert.deepEqual(await split(`Subject: zero\n\nHi\n\n${SEPARATOR}Subject: one\n\nHo`), [
            "Subject: zero\n\nHi\n",
            "Subject: one\n\nHo",
        ]);
        assert.deepEqual(await split(""), []);
    });

    it("tells an mbox from a single mail", () => {
        assert.equal(isMailbox(Buffer.from(SEPARATOR)), true);
        assert.equal(isMailbox(Buffer.from("From: ada@example.com\nDate: Mon Aug 12 16:46:35 2002\n")), false);
    });
});
