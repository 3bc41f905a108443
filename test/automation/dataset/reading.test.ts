import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { localSources } from "../../../automation/dataset/local-source";
import { dataProblems } from "../../../automation/dataset/problems";
import { type LabelledRecord, type ReadOptions, type ReadSource, readSource } from "../../../automation/dataset/read";
import { sourceLine } from "../../../automation/dataset/report";
import { CommandError, exitCodes } from "../../../automation/exit";

describe("labelled records", () => {
    let folder = "";
    before(() => {
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "sortline-dataset-"));
    });
    after(() => fs.rmSync(folder, { recursive: true, force: true }));

    const file = (content: string | Buffer, extension = "csv") => {
        const name = path.join(folder, `${fs.readdirSync(folder).length}.${extension}`);
        fs.writeFileSync(name, content);
        return name;
    };

    async function read(
        name: string,
        options: Partial<ReadOptions> = {},
    ): Promise<{ readonly records: readonly LabelledRecord[]; readonly sources: readonly ReadSource[] }> {
        const problems = dataProblems();
        const records: LabelledRecord[] = [];
        const sources: ReadSource[] = [];
        for (const source of localSources([name])) {
            const found = await readSource(source, { columns: {}, ...options }, problems, (each) => records.push(each));
            if (found !== undefined) sources.push(found);
        }
        problems.done();
        return { records, sources };
    }

    const texts = (records: readonly LabelledRecord[]) => records.map(({ text, category }) => [text, category]);

    /** The message with which a file is refused. */
    async function refusal(content: string | Buffer, options: Partial<ReadOptions> = {}): Promise<string> {
        const error = await read(file(content), options).catch((thrown: unknown) => thrown);
        assert.ok(error instanceof CommandError, String(error));
        assert.equal(error.exitCode, exitCodes.badInput);
        return error.message;
    }

    it("are read with quotes, line ends in texts, a byte order mark and columns in any order", async () => {
        const content = '\ufeffcategory,text\r\npraise,"Thank you,\r\nit was ""great"""\r\ncomplaint,Too late\r\n';
        const { records } = await read(file(content));
        assert.deepEqual(texts(records), [
            ['Thank you,\nit was "great"', "praise"],
            ["Too late", "complaint"],
        ]);
        assert.deepEqual(
            records.map(({ line }) => line),
            [2, 4],
        );
    });

    const jsonLines = (...values: readonly object[]) => values.map((each) => JSON.stringify(each)).join("\n");

    it("of JSON Lines have all the columns of the first ones, not only those of the first", async () => {
        const content = jsonLines(
            { body: "late", queue: "a" },
            { id: null, subject: null, body: "gone", queue: "b" },
            { subject: "Hello", body: "thanks", queue: "c", id: 7 },
        );
        const { records, sources } = await read(file(content, "jsonl"), { columns: { id: false } });
        assert.deepEqual(texts(records), [
            ["late", "a"],
            ["gone", "b"],
            ["Hello\n\nthanks", "c"],
        ]);
        assert.deepEqual(sources[0]?.columns.text, ["subject", "body"]);
        assert.match(await refusal(content), /lines 1–2: no id/);
    });

    it("of JSON Lines are refused where a column that would be used appears too late to be recognised", async () => {
        const many = Array.from({ length: 3000 }, (_, at) => ({ body: `text ${at} ${"x".repeat(100)}`, queue: "a" }));
        const late = { body: "b", queue: "a" };
        assert.match(
            await refusal(jsonLines(...many, { ...late, agent: "x" }, { ...late, subject: "s" }, { ...late, id: 1 })),
            /\n {2}line 3002: the column "subject" appears here first.*\n {2}line 3003: the column "id" appears here first/,
        );
        const { records } = await read(file(jsonLines(...many, { ...late, agent: "x" }), "jsonl"));
        assert.equal(records.length, 3001);
        const named = { text: ["body"], label: "queue", id: false } as const;
        assert.equal(
            (await read(file(jsonLines(...many, { ...late, subject: "s" }), "jsonl"), { columns: named })).records
                .length,
            3001,
        );
    });

    it("are refused where two columns are called id", async () => {
        assert.match(
            await refusal("id,text,category,ID\n1,a,b,2\n"),
            /several columns may be the id \("id", "ID"\): rename those of the same name, but for one of them, or take none with --no-id/,
        );
    });

    for (const [name, delimiter] of [
        ["comma", ","],
        ["semicolon", ";"],
        ["tab", "\t"],
        ["pipe", "|"],
    ] as const) {
        it(`are recognised with a ${name} between fields, whatever else is in the texts`, async () => {
            const all = [",", ";", "|"].filter((each) => each !== delimiter).join(" ");
            const { records, sources } = await read(
                file(`text${delimiter}category\nA ${all} B${delimiter}a\n"C${delimiter} D"${delimiter}b\n`),
            );
            assert.deepEqual(texts(records), [
                [`A ${all} B`, "a"],
                [`C${delimiter === "\t" ? "" : delimiter} D`, "b"],
            ]);
            const [source] = sources;
            assert.match(sourceLine(source ?? assert.fail("nothing read")), new RegExp(`CSV, ${name}, utf-8`));
        });
    }

    it("are recognised with single quotes, with quotes after backslashes, and without quotes between tabs", async () => {
        assert.deepEqual(
            texts((await read(file("'text','category'\n'It''s, well, late','a'\n'Fine','b'\n"))).records),
            [
                ["It's, well, late", "a"],
                ["Fine", "b"],
            ],
        );
        assert.deepEqual(texts((await read(file('text,category\n"He said \\"no\\", twice",a\nyes,b\n'))).records), [
            ['He said "no", twice', "a"],
            ["yes", "b"],
        ]);
        assert.deepEqual(texts((await read(file('text\tcategory\n"No", he said\ta\n5" pipe\tb\n', "tsv"))).records), [
            ['"No", he said', "a"],
            ['5" pipe', "b"],
        ]);
    });

    it("take apostrophes for what they are", async () => {
        const { records } = await read(file("text,category\n'tis late,a\nIt's 'fine',b\n"));
        assert.deepEqual(texts(records), [
            ["'tis late", "a"],
            ["It's 'fine'", "b"],
        ]);
    });

    it("are recognised in each encoding that mail tools export", async () => {
        const german = "text,category\nGrüße, die Größe paßt nicht,Rückgabe\n".replace(", die", " die");
        const english = "text,category\n“Where’s my parcel” – it cost €20,late\n";
        const expected: readonly [string, Buffer, string, readonly string[]][] = [
            ["utf-8", Buffer.from(german), german, ["utf-8"]],
            ["utf-8", Buffer.from(`\ufeff${german}`), german, ["utf-8"]],
            ["utf-16le", Buffer.from(`\ufeff${german}`, "utf16le"), german, ["utf-16le"]],
            ["utf-16le", Buffer.from(german, "utf16le"), german, ["utf-16le"]],
            ["utf-16be", Buffer.from(`\ufeff${german}`, "utf16le").swap16(), german, ["utf-16be"]],
            ["windows-1252", Buffer.from(german, "latin1"), german, ["windows-1252"]],
            [
                "windows-1252",
                Buffer.from(
                    english
                        .replaceAll("“", "\x93")
                        .replaceAll("”", "\x94")
                        .replaceAll("’", "\x92")
                        .replaceAll("–", "\x96")
                        .replaceAll("€", "\x80"),
                    "latin1",
                ),
                english,
                ["windows-1252"],
            ],
            [
                "iso-8859-15",
                Buffer.from("text,category\nDas kostet 20 \xa4 für Grüße,Preis\n", "latin1"),
                "text,category\nDas kostet 20 € für Grüße,Preis\n",
                ["iso-8859-15"],
            ],
        ];
        for (const [encoding, bytes, text] of expected) {
            const { records, sources } = await read(file(bytes));
            const [first = "", category = ""] = (text.split("\n")[1] ?? "").split(/,(?=[^,]*$)/);
            assert.deepEqual(texts(records), [[first, category]], encoding);
            assert.equal(sources[0]?.encoding, encoding);
        }
    });

    it("are recognised in another alphabet", async () => {
        const letters = "Здравствуйте, мой заказ ещё не пришёл, и я хочу вернуть деньги за посылку";
        // windows-1251 has the Cyrillic letters in the order of Unicode.
        const bytes = Buffer.from(
            [...`text;category\n${letters};заказ\n`].map((letter) => {
                const code = letter.codePointAt(0) ?? 0;
                if (letter === "ё") return 0xb8;
                return code < 0x80 ? code : code - 0x410 + 0xc0;
            }),
        );
        const { records, sources } = await read(file(bytes));
        assert.equal(sources[0]?.encoding, "windows-1251");
        assert.deepEqual(texts(records), [[letters, "заказ"]]);
    });

    it("are read in the encoding that is named, and refused with a line where they are not in it", async () => {
        const latin = Buffer.from("text,category\nfine,a\nGr\xfc\xdfe,b\n", "latin1");
        assert.equal((await read(file(latin), { encoding: "iso-8859-2" })).records[1]?.text, "Grüße");
        assert.match(
            await refusal(latin, { encoding: "utf-8" }),
            /line 3: not text in utf-8: name its encoding with --encoding/,
        );
    });

    it("that are no text are refused", async () => {
        assert.match(
            await refusal(Buffer.from([0x74, 0x00, 0x00, 0xfe, 0x00, 0x0a])),
            /it is not text: CSV or JSON Lines is needed/,
        );
    });

    it("are read from JSON Lines, with numbers as ids", async () => {
        const { records } = await read(
            file(
                '{"id":7,"subject":"Late","body":"Where is it?","queue":"orders"}\n\n{"id":8,"subject":"Hi","body":"Thanks","queue":"praise"}\n',
                "jsonl",
            ),
        );
        assert.deepEqual(
            records.map(({ id, text, category, line }) => [id, text, category, line]),
            [
                ["7", "Late\n\nWhere is it?", "orders", 1],
                ["8", "Hi\n\nThanks", "praise", 3],
            ],
        );
    });

    it("in JSON Lines that is broken are refused with all lines and none of the text", async () => {
        const message = await refusal(
            '{"text":"secret one","label":"a"}\nsecret two\n{"text":["secret"],"label":"a"}\n[1]\n',
        );
        assert.match(message, /line 2: no JSON \(/);
        assert.match(message, /line 3: "text" is no text/);
        assert.match(message, /line 4: no JSON object/);
        assert.doesNotMatch(message, /secret/);
    });

    it("are recognised by the header: subject and body, label, queue, in any case", async () => {
        const { records, sources } = await read(file("Queue;Subject;Body;Ticket\norders;Late;Where is it?;4\n"));
        assert.deepEqual(texts(records), [["Late\n\nWhere is it?", "orders"]]);
        assert.match(
            sourceLine(sources[0] ?? assert.fail("nothing read")),
            /text: Subject \+ Body, label: Queue; not used: Ticket/,
        );
        assert.deepEqual(texts((await read(file("Nachricht,Kategorie\nHallo,a\n"))).records), [["Hallo", "a"]]);
        // The names that the jobs have come before others.
        assert.deepEqual(texts((await read(file("label,text,category,message\nx,Hello,a,y\n"))).records), [
            ["Hello", "a"],
        ]);
    });

    it("with columns that may be meant or not are refused with all that is not clear, and read when named", async () => {
        const content = "id,message,body,label,queue\n1,one,two,a,b\n";
        const message = await refusal(content);
        assert.match(message, /not clear which columns are the text \(message, body\).*--text COLUMN/);
        assert.match(message, /several columns may be the label \(label, queue\).*--label COLUMN/);
        const columns = { text: ["body", "message"], label: "queue", id: false as const };
        const { records } = await read(file(content), { columns });
        assert.deepEqual([texts(records), records[0]?.id], [[["two\n\none", "b"]], undefined]);
        assert.match(
            await refusal(content, { columns: { ...columns, label: "topic" } }),
            /--label names "topic", and the header has no such column: "id", "message", "body", "label", "queue"/,
        );
    });

    it("whose columns have the same name are refused, since no option tells them apart", async () => {
        const told = /\(text, text\): .* rename those of the same name, but for one of them/;
        assert.match(await refusal("text,text,category\na,b,c\n"), told);
        assert.match(
            await refusal("text,text,category\na,b,c\n", { columns: { text: ["text"] } }),
            /--text names "text", and the header has several such columns; rename all but one of them/,
        );
        const { records } = await read(file("text,category,note,note\na,b,c,d\n"));
        assert.deepEqual(texts(records), [["a", "b"]]);
    });

    it("with a first line for Excel are read with the delimiter that it names", async () => {
        for (const first of ["sep=;", '"sep=;"', "SEP=;"]) {
            const { records, sources } = await read(file(`${first}\r\ntext;category\r\none, two;a\r\n`));
            assert.deepEqual(texts(records), [["one, two", "a"]]);
            assert.equal(records[0]?.line, 3);
            assert.match(sourceLine(sources[0] ?? assert.fail("nothing read")), /CSV, semicolon/);
        }
    });

    it("with the header again in the middle are refused, as files that were joined", async () => {
        assert.match(
            await refusal("text,category\nx,a\ntext,category\ny,b\n"),
            /line 3: the header again, as where files were joined: delete the line/,
        );
    });

    it("in a list of JSON are refused, whatever the file is called", async () => {
        for (const list of ['[{"text":"a","category":"b"}]', "[\n  {\n", "[]"]) {
            assert.match(await refusal(list), /it is a list in JSON, and JSON Lines is needed: an object a line/);
        }
    });

    it("without the columns are refused, naming what is there", async () => {
        const message = await refusal("words,number\nx,y\n");
        assert.match(message, /no column is recognised as the text: its header is "words", "number"/);
        assert.match(message, /no column is recognised as the label/);
    });

    it("without a header are refused without quoting the first of them", async () => {
        const message = await refusal("Where is my secret parcel?,late\nThanks a lot for it,praise\n");
        assert.match(message, /its header is \(column 1\), "late"/);
        assert.doesNotMatch(message, /secret/);
    });

    it("that lack something are refused with all their lines, and none of the text", async () => {
        const message = await refusal(
            `text,category\nfine,a\nsecret one\nsecret two\nsecret, with a comma,a\nfine,\n"a\n\nb",${"c".repeat(129)}\nfine,\u001b[31mred\n`,
        );
        assert.match(message, /lines 3–4, 6: no category/);
        assert.match(message, /line 5: more fields than the header has; put texts with delimiters into quotes/);
        assert.match(message, /line 7: the label has more than 128 characters/);
        assert.match(message, /line 10: the label has control characters/);
        assert.doesNotMatch(message, /secret/);
    });

    it("with an open or a misplaced quote are refused with its line, and none of the text", async () => {
        const open = await refusal('text,category\nfine,a\n"secret,a\nmore\n');
        assert.match(open, /line 3: cannot be read as CSV: a quote that is opened here is not closed/);
        const misplaced = await refusal('text,category\nfine,a\nsecret "word" here,a\n');
        assert.match(misplaced, /line 3: a quote within a field that does not begin with one/);
        assert.doesNotMatch(open + misplaced, /secret/);
    });

    it("without rows are refused", async () => {
        assert.match(await refusal("text,category\n"), /it has no records, only a header/);
        assert.match(await refusal(""), /it is empty/);
    });

    it("are read from a folder, in the order of names, and nothing else in it", async () => {
        const own = path.join(folder, "folder");
        fs.mkdirSync(path.join(own, "more"), { recursive: true });
        fs.writeFileSync(path.join(own, "b.csv"), "text,category\ntwo,b\n");
        fs.writeFileSync(path.join(own, "more", "c.jsonl"), '{"text":"three","category":"c"}\n');
        fs.writeFileSync(path.join(own, "a.tsv"), "text\tcategory\none\ta\n");
        fs.writeFileSync(path.join(own, "notes.md"), "not a record");
        const { records } = await read(own);
        assert.deepEqual(
            records.map(({ text }) => text),
            ["one", "two", "three"],
        );
    });

    it("that are not there, a device or a folder without any are refused, all at once", () => {
        const empty = path.join(folder, "empty");
        fs.mkdirSync(empty);
        assert.throws(
            () => localSources([path.join(folder, "nowhere.csv"), "/dev/zero", empty]),
            /nowhere\.csv is not there\n\/dev\/zero is not a file\n.*empty is a folder without files that end in/,
        );
    });

    it("are found in a file that is read in pieces, where a piece ends within a character or a line end", async () => {
        const rows = Array.from(
            { length: 40_000 },
            (_, index) => `"Größe ${index}\r\nund mehr",${index % 2 === 0 ? "ä" : "ö"}\r\n`,
        );
        const { records } = await read(file(`text,category\r\n${rows.join("")}`));
        assert.equal(records.length, 40_000);
        const last = records.at(-1);
        assert.deepEqual([last?.text, last?.category, last?.line], ["Größe 39999\nund mehr", "ö", 80_000]);
    });
});
