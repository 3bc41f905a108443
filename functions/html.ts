import { convert } from "html-to-text";

/** Nesting up to which the converter, which walks the tree recursively, is trusted. Real mails stay below 60. */
const MAX_DEPTH = 150;
/** Tags up to which the converter is used: it searches the open elements at each end tag. */
const MAX_TAGS = 20_000;
/** Longer HTML is cut: what a person wrote stands at the start. Characters. */
const MAX_LENGTH = 2_000_000;
const VOID = new Set("area base br col embed hr img input link meta param source track wbr".split(" "));
const TAG = /<(\/?)([a-zA-Z][a-zA-Z0-9]{0,20})\b/g;

/**
 * The text of an HTML body: block elements on lines of their own, quotations (`<blockquote>`) marked by "> ", links and
 * images as their text only. Never throws: what is too deep or too much for the converter is stripped of its tags instead.
 */
export function htmlToText(html: string): string {
    const limited = html.length > MAX_LENGTH ? html.slice(0, MAX_LENGTH) : html;
    if (isTooComplex(limited)) return stripTags(limited);
    try {
        return convert(limited, {
            wordwrap: false,
            preserveNewlines: false,
            selectors: [
                { selector: "a", options: { ignoreHref: true } },
                { selector: "img", format: "skip" },
                { selector: "style", format: "skip" },
                { selector: "script", format: "skip" },
                ...["h1", "h2", "h3", "h4", "h5", "h6"].map((selector) => ({
                    selector,
                    options: { uppercase: false },
                })),
            ],
        });
    } catch {
        return stripTags(limited);
    }
}

/** Counts nesting as if nothing closed an element but an end tag: mostly not less than what a parser makes of it. */
function isTooComplex(html: string): boolean {
    let tags = 0;
    let depth = 0;
    for (const match of html.matchAll(TAG)) {
        if (match[1] === "/") depth = Math.max(0, depth - 1);
        else if (!VOID.has((match[2] ?? "").toLowerCase())) depth++;
        if (++tags > MAX_TAGS || depth > MAX_DEPTH) return true;
    }
    return false;
}

const HIDDEN = new Set(["script", "style", "head", "title", "template"]);
const INLINE = new Set("a abbr b big code em font i label mark s small span strong sub sup u".split(" "));

/** Drops tags, comments, scripts and styles in one pass, a block element starting a new line. */
export function stripTags(html: string): string {
    const pieces: string[] = [];
    let at = 0;
    while (at < html.length) {
        const open = html.indexOf("<", at);
        if (open < 0) break;
        pieces.push(html.slice(at, open));
        if (html.startsWith("<!--", open)) {
            at = endOf(html, "-->", open + 4);
            continue;
        }
        const name = /^\/?[a-zA-Z][a-zA-Z0-9]*|^[!?]/.exec(html.slice(open + 1, open + 24))?.[0]?.toLowerCase();
        if (name === undefined) {
            pieces.push("<");
            at = open + 1;
            continue;
        }
        at = endOf(html, ">", open + 1);
        if (HIDDEN.has(name)) {
            const close = indexOfIgnoringCase(html, `</${name}`, at);
            at = close < 0 ? html.length : endOf(html, ">", close);
        } else if (!INLINE.has(name.replace("/", ""))) {
            pieces.push("\n");
        }
    }
    pieces.push(html.slice(at));
    return decodeEntities(pieces.join(""));
}

function endOf(html: string, mark: string, from: number): number {
    const found = html.indexOf(mark, from);
    return found < 0 ? html.length : found + mark.length;
}

function indexOfIgnoringCase(html: string, mark: string, from: number): number {
    const pattern = new RegExp(mark, "gi");
    pattern.lastIndex = from;
    return pattern.exec(html)?.index ?? -1;
}

const ENTITIES: Readonly<Record<string, string>> = {
    amp: "&",
    lt: "<",
    gt: ">",
    quot: '"',
    apos: "'",
    nbsp: " ",
    euro: "€",
    auml: "ä",
    ouml: "ö",
    uuml: "ü",
    Auml: "Ä",
    Ouml: "Ö",
    Uuml: "Ü",
    szlig: "ß",
};

function decodeEntities(text: string): string {
    return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,8}));/gi, (whole, decimal, hexadecimal, name) => {
        if (name !== undefined) return ENTITIES[name] ?? whole;
        const code = decimal === undefined ? Number.parseInt(hexadecimal, 16) : Number(decimal);
        const isCharacter = code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
        return isCharacter ? String.fromCodePoint(code) : "";
    });
}
