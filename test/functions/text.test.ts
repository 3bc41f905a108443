import assert from "node:assert/strict";
import { cleanText, MAX_TEXT } from "../../functions";

describe("cleanText", () => {
    for (const [what, given, expected] of [
        ["brings characters to form NFKC", "ﬁle Ｎｏ．５ e\u0301", "file No.5 é"],
        ["removes invisible and control characters", "in\u200bvis\u00adible\u0007 \ufeffmark", "invisible mark"],
        ["removes halves of characters", "a\ud83db", "ab"],
        [
            "reads control characters as what they are in Windows-1252",
            "\u0084ja\u0093 \u0096 5 \u0080\u0081",
            "„ja“ – 5 €",
        ],
        ["keeps emoji", "thanks 👍", "thanks 👍"],
        ["collapses spaces and empty lines", " a \t b\u00a0c \r\n\r\n \r\n\r\nd\re ", "a b c\n\nd\ne"],
        ["replaces links", "see (https://example.com/a?b=c) or WWW.example.com!", "see ([link]) or [link]"],
        ["replaces mail addresses", "to <jo.do+x@mail.example.com>, mailto:a@b.co.", "to <[address]>, [address]."],
        ["keeps numbers, by which a person finds an order", "order 4711-0815", "order 4711-0815"],
        ["removes quote marks and drawn rules", "> > so\n>it was\n-------\n*****\nend", "so\nit was\n\nend"],
    ] as const) {
        it(what, () => {
            assert.equal(cleanText(given), expected);
        });
    }

    it("cuts a long text, never within a character", () => {
        assert.equal(cleanText("x".repeat(200_000)).length, MAX_TEXT);
        assert.equal(cleanText(`x${"😀".repeat(20_000)}`).length, MAX_TEXT - 1);
    });

    it("changes nothing that is clean already", () => {
        const alphabet = [
            "a",
            "B",
            "7",
            " ",
            "\n",
            "\r",
            "\t",
            ">",
            "-",
            "@",
            ".",
            "/",
            ":",
            "www.",
            "https://",
            "ﬁ",
            "\u0301",
            "\u200b",
            "\ufdfa",
            "😀",
            "\ud83d",
            "ß",
            "Å",
            "​",
        ];
        let seed = 7;
        for (let round = 0; round < 3000; round++) {
            let text = "";
            for (let length = 0; length < 30; length++) {
                seed = (seed * 1103515245 + 12345) % 2147483648;
                text += alphabet[(seed >> 8) % alphabet.length] ?? "";
            }
            const once = cleanText(text);
            assert.equal(cleanText(once), once, JSON.stringify(text));
        }
    });
});
