import assert from "node:assert/strict";
import { htmlToText } from "../../functions";
import { stripTags } from "../../functions/html";

describe("htmlToText", () => {
    it("puts blocks on lines of their own and keeps the text of links only", () => {
        assert.equal(
            htmlToText(
                '<div>One <b>bold</b> <a href="https://example.com">link</a></div><div>Two<br>Three</div><img src="x.png" alt="y">',
            ),
            "One bold link\nTwo\nThree",
        );
    });

    it("marks quotations, so that they can be told from the sender's own text", () => {
        assert.match(htmlToText("<p>Mine</p><blockquote>Yours</blockquote>"), /Mine\s+> Yours/);
    });
});

describe("stripTags", () => {
    it("keeps text, entities decoded, and drops what is not shown", () => {
        assert.equal(
            stripTags(
                "<head><title>T</title></head><p>Gr&uuml;&#223;e &amp; <i>mehr</i><!-- no --></p><STYLE>x</STYLE>a < b",
            ),
            "\nGrüße & mehr\na < b",
        );
    });
});
