import assert from "node:assert/strict";
import { parseMail } from "../../functions";
import { stored } from "./stored";

const HEAD = "From: a@example.com\r\nSubject: Hello there\r\n";
const HTML = `${HEAD}Content-Type: text/html\r\n\r\n`;
const MIXED = `${HEAD}Content-Type: multipart/mixed; boundary=b\r\n\r\n`;
const TEXT = "this text is here for you";

function nested(levels: number): string {
    const opened = Array.from(
        { length: levels },
        (_, level) => `Content-Type: multipart/mixed; boundary=b${level}\r\n\r\n--b${level}\r\n`,
    );
    return `${HEAD}${opened.join("")}\r\n${TEXT}`;
}

const UNREADABLE: Readonly<Record<string, string>> = {
    "parts nested 100 deep": nested(100),
    "parts nested 5,000 deep": nested(5000),
    "20,000 parts": `${MIXED}${"--b\r\n\r\nx\r\n".repeat(20_000)}`,
    "2,000 multipart sections beside each other": `${MIXED}${"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n".repeat(2000)}`,
    "2 MB of header fields": `${HEAD}${"X-A: b\r\n".repeat(250_000)}\r\n${TEXT}`,
    "a header field of 1.5 MB": `${HEAD}To: ${"a@example.com, ".repeat(100_000)}\r\n\r\n${TEXT}`,
    "three million empty lines": `${HEAD}\r\n${"\n".repeat(3_000_000)}${TEXT}`,
};

const READABLE: Readonly<Record<string, string>> = {
    "60,000 recipients": `${HEAD}To: ${"a@example.com, ".repeat(60_000)}\r\n\r\n${TEXT}`,
    "a header folded 100,000 times": `${HEAD}X-A: b\r\n${" c\r\n".repeat(80_000)}\r\n${TEXT}`,
    "unbalanced quotes in an address": `${HEAD}To: ${'"(<'.repeat(300_000)}\r\n\r\n${TEXT}`,
    "elements nested 200,000 deep": `${HTML}${"<div>".repeat(200_000)}${TEXT}`,
    "100,000 elements and end tags of others": `${HTML}${"<div>".repeat(100_000)}${"</span>".repeat(100_000)}${TEXT}`,
    "elements whose nesting hides in comments": `${HTML}${"<div><!--</div>-->".repeat(9000)}${TEXT}`,
    "an element with 400,000 attributes": `${HTML}<p ${"a=b ".repeat(400_000)}>${TEXT}`,
    "four million spaces": `${HEAD}\r\n${" ".repeat(4_000_000)}${TEXT}`,
    "an unknown character set": `${HEAD}Content-Type: text/plain; charset="no-such\xff"\r\n\r\n${TEXT}`,
    "zero bytes": `${HEAD}\r\n${"\0".repeat(1000)}${TEXT}`,
};

describe("a hostile mail", function () {
    // Not a measurement: without its limits the parser is busy with some of these for minutes.
    this.timeout(15_000);

    for (const [what, mail] of Object.entries(UNREADABLE)) {
        it(`with ${what} goes to a person with its subject and the reason`, async () => {
            const message = await parseMail(stored(), Buffer.from(mail, "latin1"));
            assert.equal(message.subject, "Hello there");
            assert.match(message.review ?? "", /^the structure of the mail could not be read: /);
        });
    }

    for (const [what, mail] of Object.entries(READABLE)) {
        it(`with ${what} is read all the same`, async () => {
            const message = await parseMail(stored(), Buffer.from(mail, "latin1"));
            assert.equal(message.review, undefined);
            assert.equal(message.text, `Hello there\n\n${TEXT}`);
        });
    }

    for (const [what, body] of Object.entries({
        "broken base64": `Content-Transfer-Encoding: base64\r\n\r\n${"!!@@SGVsbG8\0\xff gd29ybGQ=====\r\n".repeat(1000)}`,
        "broken quoted-printable": `Content-Transfer-Encoding: quoted-printable\r\n\r\n${"=\r\n=4".repeat(90_000)}${"=".repeat(1_000_000)}`,
        "nothing but tag openers": `Content-Type: text/html\r\n\r\n${"<".repeat(1_900_000)}`,
        "comments that never end": `Content-Type: text/html\r\n\r\n${"<!--".repeat(400_000)}`,
        "scripts that never end": `Content-Type: text/html\r\n\r\n${"<script><script".repeat(100_000)}`,
        "ten million letters in a row": `\r\n${"a".repeat(10_000_000)}`,
        "lines that each could start a quotation": `\r\n${"On 1 a\nFrom: x\n".repeat(45_000)}`,
    })) {
        it(`with ${what} does not stop the parser`, async () => {
            const message = await parseMail(stored(), Buffer.from(`${HEAD}${body}`, "latin1"));
            assert.match(message.text, /^Hello there/);
            assert(message.text.length <= 20_000);
        });
    }
});
