import type { Store } from "../store";

/** Documents of one kind by name, in the twin's store. What is read is a copy. */
export interface Documents<Document> {
    get(name: string): Document | undefined;
    /** Writes the whole document, new or not. */
    put(name: string, document: Document): void;
    /** Whether there was one. */
    remove(name: string): boolean;
    /** All, in the order in which they were first put. */
    list(): Document[];
}

/** The documents of a kind. Dates in them stay dates. */
export function documentsOf<Document>(store: Store, kind: string): Documents<Document> {
    const { database } = store;
    database.exec(`CREATE TABLE IF NOT EXISTS sagemaker_documents (
        number INTEGER PRIMARY KEY,
        kind TEXT NOT NULL,
        name TEXT NOT NULL,
        document TEXT NOT NULL,
        UNIQUE (kind, name)
    ) STRICT`);
    const one = database.prepare("SELECT document FROM sagemaker_documents WHERE kind = ? AND name = ?");
    const all = database.prepare("SELECT document FROM sagemaker_documents WHERE kind = ? ORDER BY number");
    const put = database.prepare(
        `INSERT INTO sagemaker_documents (kind, name, document) VALUES (?, ?, ?)
         ON CONFLICT (kind, name) DO UPDATE SET document = excluded.document`,
    );
    const remove = database.prepare("DELETE FROM sagemaker_documents WHERE kind = ? AND name = ?");
    const parse = (row: Record<string, unknown>) => JSON.parse(String(row.document), dateOf) as Document;
    return {
        get(name) {
            const row = one.get(kind, name);
            return row === undefined ? undefined : parse(row);
        },
        put: (name, document) => store.transaction(() => void put.run(kind, name, JSON.stringify(document, marked))),
        remove: (name) => store.transaction(() => remove.run(kind, name).changes > 0),
        list: () => all.all(kind).map(parse),
    };
}

// JSON would make text of a date before the replacer sees it: hence the look at its owner.
function marked(this: Record<string, unknown>, key: string, value: unknown): unknown {
    const own = this[key];
    return own instanceof Date ? { $date: own.getTime() } : value;
}

function dateOf(_key: string, value: unknown): unknown {
    if (typeof value !== "object" || value === null || !("$date" in value)) return value;
    return new Date(Number(value.$date));
}
