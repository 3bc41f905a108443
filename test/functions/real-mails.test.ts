import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Message, parseMail } from "../../functions";
import { testData } from "../test-data";

describe("real mails", () => {
    it("are read, all of them, each with text or a reason", async function () {
        const folder = testData(this, "mail-raw");
        const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
            name.endsWith(".eml"),
        );
        assert.equal(files.length, 300);
        const unread: string[] = [];
        for (const source of files) {
            const raw = readFileSync(join(folder, source));
            const message = await parseMail({ id: source, key: source, source, size: raw.length }, raw);
            Message.parse(message);
            if (message.review?.startsWith("the structure") === true) unread.push(source);
            assert(message.text !== "" || message.review !== undefined || message.ignore !== undefined, source);
        }
        assert.deepEqual(unread, []);
    });
});
