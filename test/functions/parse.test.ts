import assert from "node:assert/strict";
import { MAX_MAIL_BYTES, Message, NotAMail, parseMail } from "../../functions";
import { rawMail, stored } from "./stored";

const FROM = "From: Ada <ada@example.com>";
const SUBJECT = "Subject: Forty chairs";
const BODY = "What would forty chairs for our new canteen cost?";

async function parsed(headers: readonly string[], body: string): Promise<Message> {
    return parseMail(stored(), rawMail(headers, body));
}

describe("parseMail", () => {
    it("gives the pointer's names, the subject and the cleaned text", async () => {
        const message = await parsed(
            [FROM, SUBJECT, "Message-ID: <7@example.com>"],
            `${BODY}  \n\n\n\nSee https://example.com/x`,
        );
        assert.deepEqual(message, {
            id: "mail-1",
            key: "mail/mail-1",
            source: "mail-1.eml",
            threadId: "<7@example.com>",
            subject: "Forty chairs",
            text: `Forty chairs\n\n${BODY}\n\nSee [link]`,
        });
        assert.doesNotThrow(() => Message.parse(message));
    });

    it("decodes encoded headers, quoted-printable and old character sets", async () => {
        const message = await parsed(
            [
                FROM,
                "Subject: =?iso-8859-1?Q?Gr=FC=DFe?= =?utf-8?B?IGF1cyBLw7Zsbg==?=",
                "Content-Type: text/plain; charset=iso-8859-1",
                "Content-Transfer-Encoding: quoted-printable",
            ],
            "Der Schl=FCssel f=FCr die T=FCr im Erdgescho=DF fehlt noch imm=\ner.",
        );
        assert.equal(message.text, "Grüße aus Köln\n\nDer Schlüssel für die Tür im Erdgeschoß fehlt noch immer.");
    });

    it("reads bytes without a declared character set as Windows-1252 where they are no UTF-8", async () => {
        const message = await parsed(
            [FROM, "Subject: Gr\xfc\xdfe"],
            "Der Schl\xfcssel fehlt noch immer, bitte melden.",
        );
        assert.equal(message.text, "Grüße\n\nDer Schlüssel fehlt noch immer, bitte melden.");
    });

    it("decodes Windows-1252 whole, quotation marks and euro sign too", async () => {
        const message = await parsed(
            [FROM, SUBJECT, "Content-Type: text/plain; charset=windows-1252"],
            "\x84Kaffee\x93 kostet 64 \x80 \x96 und Milch?",
        );
        assert.equal(message.text, "Forty chairs\n\n„Kaffee“ kostet 64 € – und Milch?");
    });

    it("takes HTML for text where there is no plain text, without scripts and styles", async () => {
        const message = await parsed(
            [FROM, SUBJECT, "Content-Type: text/html"],
            `<html><head><style>p {}</style></head><body><p>${BODY}</p><script>alert(1)</script><p>Kind&nbsp;regards</p></body>`,
        );
        assert.equal(message.text, `Forty chairs\n\n${BODY}\n\nKind regards`);
    });

    it("prefers HTML to a plain part that says next to nothing", async () => {
        const body = `--b\n\nHTML mail.\n--b\nContent-Type: text/html\n\n<p>${BODY}</p>\n--b--\n`;
        const message = await parsed([FROM, SUBJECT, "Content-Type: multipart/alternative; boundary=b"], body);
        assert.equal(message.text, `Forty chairs\n\n${BODY}`);
    });

    it("leaves attachments out of the text", async () => {
        const body = `--b\n\n${BODY}\n--b\nContent-Type: text/plain\nContent-Disposition: attachment; filename=a.txt\n\nsecret\n--b--\n`;
        const message = await parsed([FROM, SUBJECT, "Content-Type: multipart/mixed; boundary=b"], body);
        assert.equal(message.text, `Forty chairs\n\n${BODY}`);
    });

    it("strips quoted replies, and keeps all where next to nothing would be left", async () => {
        const quoted =
            "On 3 Nov 2026, Sales <sales@example.com> wrote:\n> Which colour would you like the chairs to have?";
        assert.equal(
            (await parsed([FROM, "Subject: Re: AW: Chairs"], `Blue ones please, all forty of them.\n\n${quoted}`)).text,
            "Chairs\n\nBlue ones please, all forty of them.",
        );
        assert.match(
            (await parsed([FROM, "Subject: Re: Chairs"], `See below.\n\n${quoted}`)).text,
            /See below\.\s.*Which colour/s,
        );
    });

    it("takes the conversation's id from References, In-Reply-To or Message-ID, and else the mail's own", async () => {
        const own = "Message-ID: <own@example.com>";
        const reply = "In-Reply-To: <first@example.com>";
        const thread = async (...headers: string[]) => (await parsed([FROM, ...headers], BODY)).threadId;
        assert.equal(
            await thread(own, reply, "References: <root@example.com>\r\n <first@example.com>"),
            "<root@example.com>",
        );
        assert.equal(await thread(own, reply), "<first@example.com>");
        assert.equal(await thread(own), "<own@example.com>");
        assert.equal(await thread(), "mail-1");
        assert.equal((await thread(`Message-ID: <${"x".repeat(500)}@example.com>`)).length, 200);
    });

    for (const [header, reason] of [
        ["Auto-Submitted: auto-replied", /^automatic reply \(Auto-Submitted: auto-replied\)$/],
        ["X-Autoreply: yes", /^automatic reply/],
        ["Precedence: bulk", /^mail to many \(Precedence: bulk\)$/],
        ["Precedence: List", /^mail to many \(Precedence: list\)$/],
        ["List-Id: <all.example.com>", /^mailing list/],
        ["Return-Path: <>", /null return path/],
        ['Content-Type: multipart/report; boundary="b"', /^delivery report$/],
    ] as const) {
        it(`ignores a mail with ${header}`, async () => {
            assert.match((await parsed([FROM, SUBJECT, header], BODY)).ignore ?? "", reason);
        });
    }

    it("does not ignore a mail with Auto-Submitted: no or an ordinary return path", async () => {
        const message = await parsed(
            ["Return-Path: <ada@example.com>", FROM, "Auto-Submitted: no", "Precedence: normal"],
            BODY,
        );
        assert.equal(message.ignore, undefined);
    });

    it("sends a mail without text to a person, with its subject", async () => {
        const message = await parsed([FROM, SUBJECT], "  \n");
        assert.equal(message.review, "the mail has no text");
        assert.equal(message.text, "Forty chairs");
    });

    it("drops the envelope line of an mbox and a byte order mark", async () => {
        const mail = Buffer.from(
            `\xef\xbb\xbf\nFrom ada@example.com Mon Aug 12 16:46:35 2002\n${FROM}\n\n${BODY}`,
            "latin1",
        );
        assert.equal((await parseMail(stored(), mail)).text, BODY);
    });

    for (const [what, bytes] of [
        ["an empty file", ""],
        ["a table", "text,category\nWhere is it?,order\n"],
        ["prose", "Dear all,\n\nFrom: here on\n"],
        ["header lines that no mail has", "Note: buy milk\n\nand bread"],
        ["binary data", "\x7fELF\x00\x01\x02"],
    ] as const) {
        it(`rejects ${what} as no mail`, async () => {
            await assert.rejects(parseMail(stored(), Buffer.from(bytes, "latin1")), (error) => {
                assert(error instanceof NotAMail);
                assert.equal(error.name, "RejectRecord");
                assert.match(error.message, /^not a mail: /);
                return true;
            });
        });
    }

    it("rejects a mail that is too large with its size and the limit", async () => {
        const mail = Buffer.alloc(MAX_MAIL_BYTES + 20_000_000, "a");
        await assert.rejects(parseMail(stored(), mail), /too large: 60\.0 MB, at most 40 MB/);
    });
});
