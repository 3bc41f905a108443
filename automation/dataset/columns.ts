import { printable } from "../terminal";

/** Which columns a person names; what is left out is recognised. */
export interface ColumnOptions {
    /** Columns whose texts make the text, in this order, with an empty line between them. */
    readonly text?: readonly string[];
    readonly label?: string;
    /** `false`: records have no ids of their own. */
    readonly id?: string | false;
}

/** Columns of a file by what they hold, as its header writes them. */
export interface Columns {
    readonly text: readonly string[];
    readonly label: string;
    readonly id?: string;
    /** Columns that are not used. */
    readonly unused: readonly string[];
}

/** A name alone, then names that mean the same; a subject goes before the body, as in the mails that are sorted. */
const TEXT = ["text"];
const BODY = [
    "body",
    "message",
    "content",
    "mail",
    "mail_body",
    "email_body",
    "message_body",
    "body_text",
    "nachricht",
    "inhalt",
];
const SUBJECT = ["subject", "betreff"];
const LABEL = ["category"];
const LABELS = ["label", "queue", "class", "intent", "topic", "target", "kategorie", "warteschlange", "klasse"];
const ID = ["id"];

/** As headers are compared: case, spaces and hyphens do not matter. */
export function headerName(written: string): string {
    return written
        .trim()
        .toLowerCase()
        .replaceAll(/[\s_-]+/g, "_");
}

/** @returns the columns, or what is in the way of recognising them; all of it. */
export function recogniseColumns(header: readonly string[], options: ColumnOptions): Columns | readonly string[] {
    const problems: string[] = [];
    const shown = header.map(shownName).join(", ");
    const named = (name: string) => header.filter((each) => headerName(each) === headerName(name));
    const among = (names: readonly string[]) => header.filter((each) => names.includes(headerName(each)));
    const chosen = (option: string, name: string): string[] => {
        const found = named(name);
        if (found.length === 1) return found;
        problems.push(
            `${option} names ${JSON.stringify(name)}, and the header has ${found.length === 0 ? "no such column" : "several such columns; rename all but one of them"}: ${shown}`,
        );
        return [];
    };
    const text =
        options.text !== undefined
            ? options.text.flatMap((name) => chosen("--text", name))
            : recogniseText(among, shown, problems);
    const labels = options.label !== undefined ? chosen("--label", options.label) : among(LABEL);
    if (options.label === undefined && labels.length === 0) labels.push(...among(LABELS));
    const [label] = labels;
    if (options.label === undefined && labels.length !== 1) {
        problems.push(
            `${labels.length === 0 ? "no column is recognised as the label" : `several columns may be the label (${labels.join(", ")})`}: its header is ${shown}. ${advice(labels, "Name it with --label COLUMN")}`,
        );
    }
    const ids = options.id === false ? [] : options.id !== undefined ? chosen("--id", options.id) : among(ID);
    if (options.id === undefined && ids.length > 1) {
        problems.push(
            `several columns may be the id (${ids.map(shownName).join(", ")}): ${advice(ids, "name it with --id COLUMN")}, or take none with --no-id`,
        );
    }
    if (problems.length > 0 || label === undefined) return problems;
    const used = new Set([...text, label, ...ids.slice(0, 1)]);
    return { text, label, id: ids[0], unused: header.filter((name) => !used.has(name)) };
}

/** What to do about columns of which one is meant: those of the same name cannot be told apart by it. */
function advice(found: readonly string[], otherwise: string): string {
    const names = new Set(found.map(headerName));
    return names.size < found.length ? "rename those of the same name, but for one of them" : otherwise;
}

/** A name for a message. What does not look like one may be the text of a mail, in a file without a header. */
function shownName(name: string, at: number): string {
    return /^\s*[\p{L}\p{N}.:-]{1,30}([ _][\p{L}\p{N}.:-]{1,30})?\s*$/u.test(name)
        ? JSON.stringify(printable(name.trim()))
        : `(column ${at + 1})`;
}

function recogniseText(among: (names: readonly string[]) => string[], shown: string, problems: string[]): string[] {
    const [text, ...others] = among(TEXT);
    if (text !== undefined && others.length === 0) return [text];
    const bodies = among(BODY);
    const subjects = among(SUBJECT);
    const [body] = bodies;
    if (body !== undefined && bodies.length === 1 && subjects.length <= 1) return [...subjects, body];
    const found = [...among(TEXT), ...subjects, ...bodies];
    problems.push(
        `${found.length === 0 ? "no column is recognised as the text" : `it is not clear which columns are the text (${found.join(", ")})`}: its header is ${shown}. ${advice(found, "Name it with --text COLUMN, or several: --text subject,body")}`,
    );
    return [];
}
