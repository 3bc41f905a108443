import assert from "node:assert/strict";
import { mailId } from "../../../components/runtime/mail-id";

const bytes = (text: string) => new Uint8Array(Buffer.from(text, "latin1"));
const mail = (headers: string[], body: string, end = "\r\n") => bytes([...headers, "", body].join(end));

describe("the id of a mail", () => {
    const headers = ["Message-ID: <1@example.com>", "From: A <a@example.com>", "Date: Mon, 1 Jan 2024 10:00:00 +0000"];
    const id = mailId(mail(headers, "Hello\r\nthere"));

    it("is a digest in 64 hex digits", () => assert.match(id, /^[0-9a-f]{64}$/));

    it("does not depend on the door: trace headers, order, line ends, folding, empty lines at the end", () => {
        const traced = ["Received: from somewhere", "X-SES-Spam-Verdict: PASS", ...headers, "Subject: any"];
        assert.equal(mailId(mail(traced, "Hello\r\nthere")), id);
        assert.equal(mailId(mail([...headers].reverse(), "Hello\r\nthere")), id);
        assert.equal(mailId(mail(headers, "Hello\nthere\n\n", "\n")), id);
        const folded = ["message-id:", " <1@example.com>", "From: A", "\t<a@example.com>", headers[2] ?? ""];
        assert.equal(mailId(mail(folded, "Hello\r\nthere\r\n")), id);
    });

    it("changes with Message-ID, From, Date and body", () => {
        const others = [0, 1, 2].map((at) => mailId(mail(headers.with(at, `${headers[at]}x`), "Hello\r\nthere")));
        others.push(mailId(mail(headers, "Hello\r\nthere!")));
        assert.equal(new Set([id, ...others]).size, 5);
    });

    it("is there for anything: no header, no body, binary, nothing", () => {
        const inputs = ["", "\n", "\r\n\r\n", "no header at all", ":\n:\n\n", "\xff\xfe\x00\n\x00", "From: a"].map(
            bytes,
        );
        const ids = inputs.map(mailId);
        for (const one of ids) assert.match(one, /^[0-9a-f]{64}$/);
        assert.notEqual(mailId(bytes("\n\none")), mailId(bytes("\n\ntwo")));
    });

    it("takes time in proportion to the size of a hostile header", () => {
        const hostile = Buffer.alloc(4_000_000, "a:\n ");
        assert.match(mailId(hostile), /^[0-9a-f]{64}$/);
    });
});
