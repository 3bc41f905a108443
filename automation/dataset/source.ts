/** Bytes of labelled records, wherever they lie. */
export interface DataSource {
    /** The file's path or the object's address, for messages. */
    readonly name: string;
    /** The content; may be asked for several times, and is read as a stream each time. */
    open(): AsyncIterable<Uint8Array>;
    /** Version of the cleaning that its texts went through already. @default none: they are cleaned while they are read */
    readonly cleaning?: string;
}

/** What a file of records may be called, in a folder or under a prefix. */
const RECORD_FILE = /\.(csv|tsv|tab|psv|txt|jsonl|ndjson|json)$/i;

/** True for a name of a file that holds records. */
export function isRecordFile(name: string): boolean {
    return RECORD_FILE.test(name);
}

/** What {@link isRecordFile} takes, for messages. */
export const recordFileNames = ".csv, .tsv, .tab, .psv, .txt, .jsonl, .ndjson or .json";
