import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { dataProblems } from "../../../automation/dataset/problems";
import { type LabelledRecord, type ReadOptions, readSource } from "../../../automation/dataset/read";
import { CommandError } from "../../../automation/exit";
import { cleanText } from "../../../functions";
import { encoded, iso2022jp, utf32 } from "./encoded";

/** What customers write, in languages that other encodings than UTF-8 were made for. */
const languages = {
    Japanese: [
        "注文した商品がまだ届きません。いつ発送されますか。",
        "請求書の金額が間違っているようです。確認してください。",
        "ログインできません。パスワードを再設定したいです。",
        "とても良い対応を、一同ありがとうございました。　また利用します。",
    ],
    "Chinese, simplified": [
        "我订的货还没有收到，请问什么时候发货？",
        "发票上的金额好像不对，请帮我核对一下。",
        "我无法登录，想重新设置密码。",
        "非常感谢你们的帮助，服务很好。",
    ],
    "Chinese, traditional": [
        "我訂的商品還沒有收到，請問什麼時候出貨？",
        "發票上的金額好像不對，請幫我確認一下。",
        "我無法登入，想重新設定密碼。",
        "非常感謝你們的協助，服務很好。",
    ],
    Korean: [
        "주문한 상품이 아직 도착하지 않았습니다. 언제 발송되나요?",
        "청구서 금액이 잘못된 것 같습니다. 확인해 주세요.",
        "로그인이 되지 않습니다. 비밀번호를 다시 설정하고 싶습니다.",
        "친절한 답변 정말 감사합니다.",
    ],
    Russian: [
        "Здравствуйте, мой заказ до сих пор не пришёл. Где он?",
        "Мне пришёл счёт на неверную сумму, проверьте, пожалуйста.",
        "Не могу войти в личный кабинет, забыл пароль.",
        "Спасибо за быструю помощь, всё работает!",
    ],
    Ukrainian: [
        "Доброго дня, моє замовлення ще не прийшло. Де воно?",
        "Мені надійшов рахунок на неправильну суму, перевірте.",
        "Не можу увійти до кабінету, забув пароль.",
        "Дякую за швидку допомогу, все працює!",
    ],
    Polish: [
        "Moje zamówienie jeszcze nie dotarło. Gdzie ono jest?",
        "Na fakturze jest błędna kwota, proszę sprawdzić.",
        "Nie mogę się zalogować, zapomniałem hasła.",
        "Dziękuję bardzo za szybką pomoc, świetna obsługa!",
    ],
    Turkish: [
        "Siparişim hâlâ gelmedi. Nerede?",
        "Faturadaki tutar yanlış, lütfen kontrol edin.",
        "Giriş yapamıyorum, şifremi unuttum.",
        "Hızlı yardımınız için çok teşekkür ederim!",
    ],
    Greek: [
        "Η παραγγελία μου δεν έχει φτάσει ακόμα. Πού είναι;",
        "Το ποσό στο τιμολόγιο είναι λάθος, παρακαλώ ελέγξτε το.",
        "Δεν μπορώ να συνδεθώ, ξέχασα τον κωδικό μου.",
        "Ευχαριστώ πολύ για την άμεση βοήθεια.",
    ],
    German: [
        "Meine Bestellung ist noch nicht angekommen. Wo bleibt das Päckchen?",
        "Auf der Rechnung stehen zwei Stühle, geliefert wurde nur einer.",
        "Ich kann mich nicht anmelden und möchte ein neues Passwort.",
        "Vielen Dank für die schnelle Hilfe, schöne Grüße!",
    ],
} as const;

type Language = keyof typeof languages;

const rowsOf = (language: Language) =>
    Array.from({ length: 20 }, (_, at) => ({
        text: cleanText(`${languages[language][at % 4]} ${4711 + at}`),
        category: ["order", "invoice", "login", "praise"][at % 4] ?? "",
    }));
const csvOf = (language: Language) =>
    `text,category\r\n${rowsOf(language)
        // Two words are apart by a space of their own width, which cleaning makes a common one.
        .map(
            ({ text, category }) =>
                `"${language === "Japanese" ? text.replaceAll(" ", "\u3000") : text}",${category}\r\n`,
        )
        .join("")}`;

/** Reads bytes as a file that comes in pieces. */
async function read(content: Buffer, options: Partial<ReadOptions> = {}, piece = 1000) {
    const problems = dataProblems();
    const records: LabelledRecord[] = [];
    const open = async function* () {
        for (let at = 0; at < content.length; at += piece) yield content.subarray(at, at + piece);
    };
    const source = { name: "export.csv", open };
    const found = await readSource(source, { columns: {}, ...options }, problems, (record) => records.push(record));
    problems.done();
    return { encoding: found?.encoding, records: records.map(({ text, category }) => ({ text, category })) };
}

/** The message with which a file is refused, which has nothing of its texts. */
async function refusal(content: Buffer, options: Partial<ReadOptions> = {}): Promise<string> {
    const error = await read(content, options).catch((thrown: unknown) => thrown);
    assert.ok(error instanceof CommandError, JSON.stringify(error));
    return error.message;
}

describe("labelled records in other encodings than UTF-8", () => {
    const expected: readonly [encoding: string, Language, (text: string) => Buffer][] = [
        ...(["Japanese", "Chinese, simplified", "Korean", "Russian", "Greek", "German"] as const).flatMap(
            (language): [string, Language, (text: string) => Buffer][] => [
                ["utf-16le", language, (text) => Buffer.from(text, "utf16le")],
                ["utf-16be", language, (text) => Buffer.from(text, "utf16le").swap16()],
            ],
        ),
        ["iso-2022-jp", "Japanese", iso2022jp],
        ...(
            [
                ["shift_jis", "Japanese"],
                ["euc-jp", "Japanese"],
                ["gb18030", "Chinese, simplified"],
                ["big5", "Chinese, traditional"],
                ["euc-kr", "Korean"],
                ["windows-1251", "Russian"],
                ["koi8-r", "Russian"],
                ["koi8-u", "Ukrainian"],
                ["iso-8859-7", "Greek"],
                ["iso-8859-2", "Polish"],
                ["windows-1250", "Polish"],
                ["iso-8859-9", "Turkish"],
                ["windows-1252", "German"],
            ] as const
        ).map(([encoding, language]): [string, Language, (text: string) => Buffer] => [
            encoding,
            language,
            (text) => encoded(text, encoding),
        ]),
    ];
    for (const [encoding, language, encode] of expected) {
        it(`are recognised: ${language} in ${encoding}`, async () => {
            const bytes = encode(csvOf(language));
            for (const piece of [7, 100_000]) {
                assert.deepEqual(await read(bytes, {}, piece), { encoding, records: rowsOf(language) });
            }
        });
    }

    it("are recognised where the header is no English either, and in JSON Lines", async () => {
        const header = csvOf("Japanese").replace("text,category", "本文\t分類").replaceAll('",', '"\t');
        const columns = { text: ["本文"], label: "分類" };
        assert.equal((await read(Buffer.from(header, "utf16le"), { columns })).encoding, "utf-16le");
        const lines = rowsOf("Japanese").map((row) => `${JSON.stringify(row)}\n`);
        const found = await read(Buffer.from(lines.join(""), "utf16le").swap16());
        assert.deepEqual(found, { encoding: "utf-16be", records: rowsOf("Japanese") });
    });

    it("are refused in UTF-32, saying what to do", async () => {
        for (const text of [csvOf("German"), `\ufeff${csvOf("Japanese")}`]) {
            for (const littleEndian of [true, false]) {
                assert.match(
                    await refusal(utf32(text, littleEndian)),
                    /it is UTF-32, which is not read: save it as UTF-8/,
                );
            }
        }
    });

    it("are refused in the 7-bit encodings of Korean and Chinese, saying what to do", async () => {
        assert.match(
            await refusal(Buffer.from("\x1b$)Ctext,category\n\x0eGQ1[\x0f,a\n")),
            /ISO-2022 for Korean or Chinese, which is not read: save it as UTF-8/,
        );
    });

    it("are refused with the line where a file is damaged, in whatever encoding", async () => {
        const lineOf = (bytes: Buffer, encoding: string, at: number) =>
            new TextDecoder(encoding).decode(bytes.subarray(0, at)).split("\r\n").length;
        for (const [encoding, language] of [
            ["shift_jis", "Japanese"],
            ["euc-kr", "Korean"],
        ] as const) {
            // A character of which only the first byte is there, in the last row.
            const bytes = encoded(csvOf(language), encoding);
            const at = bytes.lastIndexOf('"');
            const broken = Buffer.concat([bytes.subarray(0, at), Buffer.of(0x8b), bytes.subarray(at)]);
            assert.match(await refusal(broken, { encoding }), new RegExp(`line 21: not text in ${encoding}`));
        }
        const japanese = Buffer.from(csvOf("Japanese"), "utf16le");
        const surrogate = japanese.lastIndexOf(Buffer.from("い", "utf16le"));
        const broken = Buffer.from(japanese);
        broken.writeUInt16LE(0xd800, surrogate);
        assert.match(
            await refusal(broken),
            new RegExp(`line ${lineOf(japanese, "utf-16le", surrogate)}: not text in utf-16le`),
        );
        const german = Buffer.from(csvOf("German"));
        const at = german.lastIndexOf("ö") + 1;
        assert.match(
            await refusal(Buffer.concat([german.subarray(0, at), german.subarray(at + 1)])),
            new RegExp(`line ${lineOf(german, "utf-8", at)}: not UTF-8, as other lines are`),
        );
        assert.match(await refusal(german.subarray(0, at)), /: not UTF-8, as other lines are/, "cut off");
        const joined = Buffer.concat([german, encoded(csvOf("German"), "windows-1252")]);
        assert.match(await refusal(joined), /line 23: not UTF-8, as other lines are/, "two files");
    });

    it("are refused with the line of a character that the decoder lacks, not taken for those of another alphabet", async () => {
        const korean = encoded(csvOf("Korean"), "euc-kr");
        // A rare syllable, which Windows' Korean has and EUC-KR has not.
        const at = korean.indexOf('"', korean.length / 2);
        const rare = Buffer.concat([korean.subarray(0, at), Buffer.from("94ee", "hex"), korean.subarray(at)]);
        assert.match(await refusal(rare), /line 1[012]: not text in euc-kr: .* or save the file as UTF-8/);
    });

    it("are refused with the line of a zero", async () => {
        const text = csvOf("German").replace("zwei Stühle", "zwei\0Stühle");
        for (const bytes of [Buffer.from(text), Buffer.from(text, "utf16le"), encoded(text, "windows-1252")]) {
            assert.equal(
                await refusal(bytes),
                "export.csv cannot be used:\n  line 3: a character with the code 0, which no text has: mend the line",
            );
        }
        assert.match(await refusal(Buffer.from(`text,\0category\nx,y\n`)), /line 1: a character with the code 0/);
    });

    it("are refused where an encoding is named that they are not in", async () => {
        const german = csvOf("German");
        const named = { encoding: "windows-1252" };
        const told = (found: string) => new RegExp(`it is ${found}, and --encoding says windows-1252: leave that out`);
        assert.match(await refusal(Buffer.from(german), named), told("utf-8"));
        assert.match(await refusal(Buffer.from(german, "utf16le"), named), told("utf-16le"));
        assert.match(await refusal(Buffer.from(`\ufeff${german}`), named), told("utf-8"));
        assert.equal((await read(Buffer.from(german), { encoding: "UTF8" })).encoding, "UTF8");
        assert.match(await refusal(gzipSync(german), named), /compressed with gzip/);
    });

    it("are refused where another encoding is named and all of them is UTF-8, wherever the only letter is that tells", async () => {
        const named = { encoding: "windows-1252" };
        const plain = Array.from({ length: 4000 }, (_, at) => `"order ${at} has not arrived",order\n`).join("");
        const header = "text,category\n";
        for (const text of [
            `${header}Grüße,praise\n${plain}`,
            `${header}${plain}schön,praise\n`,
            `${header}schön,a\n`,
        ]) {
            for (const piece of [1000, 1_000_000]) {
                const error = await read(Buffer.from(text), named, piece).catch((thrown: unknown) => thrown);
                assert.ok(error instanceof CommandError, text.slice(0, 40));
                assert.match(
                    error.message,
                    /it is utf-8, and --encoding says windows-1252: leave that out; if .*, save it as UTF-8/,
                );
            }
            const found = await read(encoded(text, "windows-1252"), named);
            assert.ok(found.records.some((record) => /^(Grüße|schön)$/.test(record.text)));
        }
        assert.equal((await read(Buffer.from(header + plain), named)).records.length, 4000);
    });

    it("are refused where no encoding that is known makes sense of them, and never read as something else", async () => {
        // As DOS (code page 850) and old Macs wrote German.
        const dos = { ä: 0x84, ö: 0x94, ü: 0x81, ß: 0xe1 };
        const mac = { ä: 0x8a, ö: 0x9a, ü: 0x9f, ß: 0xa7 };
        for (const letters of [dos, mac]) {
            const text = csvOf("German").replaceAll(/[äöüß]/g, (letter) =>
                String.fromCharCode(letters[letter as keyof typeof letters]),
            );
            assert.match(
                await refusal(Buffer.from(text, "latin1")),
                /its encoding is not recognised: save it as UTF-8, or name it with --encoding/,
            );
        }
        assert.equal(
            (await read(encoded(csvOf("German"), "macintosh"), { encoding: "macintosh" })).records[0]?.text,
            rowsOf("German")[0]?.text,
        );
    });
});

describe("files that hold no records as text", () => {
    const zip = (...names: readonly string[]) => Buffer.from(`PK\x03\x04\x14\0\x06\0${names.join("\0\0\0PK\x03\x04")}`);
    const expected: readonly [string, Buffer, RegExp][] = [
        ["gzip", gzipSync("text,category\nx,a\n"), /it is compressed with gzip: unpack it first/],
        ["ZIP", zip("export.csv"), /it is a ZIP archive: unpack it first/],
        ["xlsx", zip("[Content_Types].xml", "xl/workbook.xml"), /it is an Excel workbook: export its sheet as CSV/],
        [
            "ods",
            zip("mimetypeapplication/vnd.oasis.opendocument.spreadsheet"),
            /it is an OpenDocument spreadsheet: export its sheet as CSV/,
        ],
        ["xls", Buffer.from("d0cf11e0a1b11ae10000", "hex"), /it is an Excel workbook \(\.xls\)/],
        ["Parquet", Buffer.from("PAR1\x15\x04"), /it is a Parquet file: export its records as CSV or JSON Lines/],
        ["HTML", Buffer.from("\r\n<html><table><tr><td>text"), /it is HTML, .*: export it as CSV/],
        ["XML", Buffer.from('\ufeff<?xml version="1.0"?><Workbook>'), /it is XML, .*: export it as CSV/],
        ["an image", Buffer.from("89504e470d0a1a0a0000000d494844520000001000000010080200", "hex"), /it is not text/],
    ];
    for (const [kind, bytes, told] of expected) {
        it(`are refused, saying what to do: ${kind}`, async () => {
            assert.match(await refusal(bytes), told);
        });
    }
});
