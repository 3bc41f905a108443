/** What else may lie where records are wanted, and what to do about it, by the bytes that a file begins with. */
const SIGNATURES: readonly (readonly [beginning: string, what: string])[] = [
    ["\x1f\x8b", "it is compressed with gzip: unpack it first"],
    ["\xfd7zXZ\0", "it is compressed with xz: unpack it first"],
    ["\x28\xb5\x2f\xfd", "it is compressed with Zstandard: unpack it first"],
    ["7z\xbc\xaf\x27\x1c", "it is a 7-Zip archive: unpack it first"],
    ["Rar!\x1a\x07", "it is a RAR archive: unpack it first"],
    ["\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "it is an Excel workbook (.xls) or another Office file: export it as CSV"],
    ["PAR1", "it is a Parquet file: export its records as CSV or JSON Lines"],
    ["ARROW1", "it is an Arrow file: export its records as CSV or JSON Lines"],
    ["Obj\x01", "it is an Avro file: export its records as CSV or JSON Lines"],
    ["SQLite format 3\0", "it is a SQLite database: export its records as CSV"],
    ["%PDF-", "it is a PDF document: CSV or JSON Lines is needed"],
    ["{\\rtf", "it is an RTF document: CSV or JSON Lines is needed"],
];

/** Where a tar archive says what it is. */
const TAR_MARK = 257;

/**
 * Says what a file is that holds no records as text.
 * @param head its first bytes, some kilobytes of them where it has so many.
 * @returns what it is and what to do; undefined for what may be text.
 */
export function foreignKind(head: Uint8Array): string | undefined {
    const bytes = Buffer.from(head.buffer, head.byteOffset, head.length).toString("latin1");
    const [, known] = SIGNATURES.find(([beginning]) => bytes.startsWith(beginning)) ?? [];
    if (known !== undefined) return known;
    if (bytes.startsWith("PK\x03\x04") || bytes.startsWith("PK\x05\x06")) return zipKind(bytes);
    if (/^BZh[1-9]1AY&SY/.test(bytes)) return "it is compressed with bzip2: unpack it first";
    if (bytes.startsWith("ustar", TAR_MARK)) return "it is a tar archive: unpack it first";
    const [mark] = /^(\xef\xbb\xbf)?\s*<(\?xml|!doctype|html|head|body|meta|table)\b/i.exec(bytes) ?? [];
    if (mark === undefined) return undefined;
    const language = /xml$/i.test(mark) ? "XML" : "HTML";
    return `it is ${language}, which some programs write as .xls or .csv: export it as CSV`;
}

/** Spreadsheets are ZIP archives; which, the names in them tell. */
function zipKind(bytes: string): string {
    if (bytes.includes("opendocument.spreadsheet")) return "it is an OpenDocument spreadsheet: export its sheet as CSV";
    if (bytes.includes("xl/")) return 'it is an Excel workbook: export its sheet as CSV, in Excel as "CSV UTF-8"';
    if (bytes.includes("[Content_Types].xml")) return "it is an Office document, such as .xlsx: export it as CSV";
    if (bytes.includes(".iwa")) return "it is a document of Numbers or Pages: export it as CSV";
    return "it is a ZIP archive: unpack it first";
}
