import { paginateScan } from "@aws-sdk/client-dynamodb";
import type { Connection } from "../../automation/connection";
import { dataOf } from "./stream";
import type { Item } from "./writer";

/** What the stage tells of each result that it keeps: which attempt's row it found before it wrote, and after. */
interface Kept {
    readonly id: string;
    readonly before?: string;
    readonly after?: string;
}

export interface Results {
    /** The rows by id, as they are now. */
    readonly rows: ReadonlyMap<string, Item>;
    /**
     * The attempts whose row was there at some time, by id. The first write wins: a second one means that a repetition
     * took effect, or that a row was lost and written again.
     */
    readonly attempts: ReadonlyMap<string, ReadonlySet<string>>;
}

export async function readResults(connection: Connection, table: string, kept: string): Promise<Results> {
    const rows = new Map<string, Item>();
    const attempts = new Map<string, Set<string>>();
    function add(id: string, attempt: string | undefined): void {
        const known = attempts.get(id) ?? new Set();
        attempts.set(id, known);
        if (attempt !== undefined) known.add(attempt);
    }
    for await (const { id, before, after } of dataOf<Kept>(connection, kept)) {
        add(id, before);
        add(id, after);
    }
    for await (const page of paginateScan({ client: connection.clients.dynamodb }, { TableName: table })) {
        for (const row of page.Items ?? []) {
            const id = row.id?.S ?? "";
            rows.set(id, { id, key: row.key?.S ?? "", number: Number(row.number?.N) });
            add(id, row.attempt?.S);
        }
    }
    return { rows, attempts };
}
