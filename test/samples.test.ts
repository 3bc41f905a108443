import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "csv-parse/sync";
import { cleanText, type Message, parseMail, ROUTES } from "../functions";

const SAMPLES = resolve(__dirname, "../samples");
const RUN = 8;
const GERMAN = new Set("und der die das ist nicht wir ich sie bitte für mit auf uns ein eine wann kann".split(" "));

function rows(file: string): Record<string, string>[] {
    return parse(readFileSync(join(SAMPLES, file)), { columns: true });
}

function words(text: string): string[] {
    return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

function isGerman(text: string): boolean {
    const all = words(text);
    return all.filter((word) => GERMAN.has(word)).length >= Math.max(1, all.length / 20);
}

async function parsedMail(file: string): Promise<Message> {
    const raw = readFileSync(join(SAMPLES, "mails", file));
    return parseMail({ id: file, key: file, source: file, size: raw.length }, raw);
}

describe("samples", () => {
    const labels = rows("labels.csv");
    const expected = rows("mails-expected.csv");
    const files = readdirSync(join(SAMPLES, "mails")).sort();

    it("have at least 20 labelled texts for each category that has a route", () => {
        const counts = new Map<string, number>();
        for (const { category = "" } of labels) counts.set(category, (counts.get(category) ?? 0) + 1);
        assert.deepEqual([...counts.keys()].sort(), Object.keys(ROUTES).sort());
        for (const [category, count] of counts) assert(count >= 20, `${category}: ${count}`);
    });

    it("are about a fifth in German", async () => {
        const texts = labels.map(({ text = "" }) => text);
        for (const file of files) texts.push((await parsedMail(file)).text);
        const share = texts.filter(isGerman).length / texts.length;
        assert(share > 0.15 && share < 0.3, `${share}`);
    });

    it("are clean already, so that training on the file as it is means the same", () => {
        for (const { text = "" } of labels) assert.equal(cleanText(text), text);
    });

    it("hold no two texts that share a run of eight words", async () => {
        const texts = new Map(labels.map(({ text = "" }, index) => [`labels.csv, example ${index + 1}`, text]));
        for (const file of files) texts.set(file, (await parsedMail(file)).text);
        const firstWith = new Map<string, string>();
        const shared: string[] = [];
        for (const [name, text] of texts) {
            const all = words(text);
            for (let start = 0; start + RUN <= all.length; start++) {
                const run = all.slice(start, start + RUN).join(" ");
                const first = firstWith.get(run);
                if (first === undefined) firstWith.set(run, name);
                else if (first !== name) shared.push(`${first} and ${name}: ${run}`);
            }
        }
        assert.deepEqual(shared, []);
    });

    it("have thirty mails, each with its expected category", () => {
        assert.equal(files.length, 30);
        assert.deepEqual(expected.map(({ file }) => file).sort(), files);
        for (const { file, category = "" } of expected) {
            assert(category === "" || Object.hasOwn(ROUTES, category), `${file}: ${category}`);
        }
    });

    it("have mails that are read, but for the automatic reply and the empty one", async () => {
        const set = new Map<string, string>();
        for (const { file = "", category } of expected) {
            const message = await parsedMail(file);
            const apart = message.ignore ?? message.review;
            assert.equal(apart === undefined, category !== "", `${file}: ${apart}`);
            if (apart !== undefined) set.set(file, apart);
        }
        assert.deepEqual(Object.fromEntries(set), {
            "28-automatic-reply.eml": "automatic reply (Auto-Submitted: auto-replied)",
            "29-empty-body.eml": "the mail has no text",
        });
    });

    it("name no address but at example.com", () => {
        for (const file of files) {
            const raw = readFileSync(join(SAMPLES, "mails", file), "latin1");
            for (const [address] of raw.matchAll(/[\w.+-]+@[\w.-]+/g)) {
                assert.match(address, /@([\w-]+\.)*example\.com\.?$/, file);
            }
        }
    });
});
