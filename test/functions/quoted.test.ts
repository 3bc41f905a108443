import assert from "node:assert/strict";
import { withoutQuotes } from "../../functions";

const OWN = "Thank you, that works for us.";

describe("withoutQuotes", () => {
    for (const [what, quoted] of [
        [
            "an English attribution",
            "On Tue, 3 Nov 2026 at 10:12, Jo Do <jo@example.com> wrote:\n> Would Monday suit you?",
        ],
        [
            "an attribution over two lines",
            "On Tue, 3 Nov 2026 at 10:12, Jo Do <jo@example.com>\nwrote:\n\n> Would Monday suit you?",
        ],
        ["a German attribution", "Am 03.11.2026 um 10:12 schrieb Jo Do <jo@example.com>:\n> Passt der Montag?"],
        [
            "a German attribution over three lines",
            "Am Dienstag, dem 3. November 2026\num 10:12 schrieb Kundendienst\n<service@example.com>:\n\n> Passt Montag?",
        ],
        [
            "a French attribution without quote marks",
            "Le 3 nov. 2026 à 10:12, Jo Do a écrit :\n\nLundi vous convient ?",
        ],
        ["an Original Message block", "-----Original Message-----\nFrom: Jo\nWould Monday suit you?"],
        ["a German one", "-----Ursprüngliche Nachricht-----\nVon: Jo\nPasst Montag?"],
        [
            "a block of header fields",
            "From: Jo Do\nSent: Tuesday, 3 November 2026 10:12\nTo: Ada\nSubject: Monday\n\nWould Monday suit you?",
        ],
        [
            "a German block with continued lines",
            "Von: Jo Do <jo@example.com>\nGesendet: Dienstag, 3. November 2026 10:12\nAn: Ada Lang <ada@example.com>;\n    Bea Kurz <bea@example.com>\nBetreff: Montag\n\nPasst Montag?",
        ],
        ["bold field names", "*From:* Jo\n*Date:* 3 Nov 2026\n*To:* Ada\n\nWould Monday suit you?"],
        ["a signature", "-- \nJo Do, Example Ltd"],
        ["a line of a telephone", "Sent from my phone"],
        ["a German line of a telephone", "Von meinem iPhone gesendet"],
    ] as const) {
        it(`cuts ${what}`, () => {
            assert.equal(withoutQuotes(`${OWN}\r\n\r\n${quoted.replaceAll("\n", "\r\n")}`), OWN);
        });
    }

    it("keeps answers between and below quoted lines", () => {
        assert.equal(
            withoutQuotes("On 3 Nov 2026, Jo wrote:\n> Monday?\nYes.\n> At ten?\nNo, at nine."),
            "Yes.\nNo, at nine.",
        );
    });

    for (const text of [
        "On the phone your colleague wrote it down differently: two chairs, not three.",
        "On the phone your colleague wrote:\ntwo chairs, and I said three.",
        "From: here it is ten minutes on foot to the office.\nPlease call first.",
        "Am Montag war der Techniker da:\ner hat nichts gefunden.",
        "The prices -- as far as I know -- are gross.",
    ]) {
        it(`keeps prose: ${text.slice(0, 30)}…`, () => {
            assert.equal(withoutQuotes(text), text);
        });
    }
});
