import { paginateScan } from "@aws-sdk/client-dynamodb";
import { HeadObjectCommand, paginateListObjectsV2 } from "@aws-sdk/client-s3";
import type { Clients } from "./clients";
import type { Connection } from "./connection";
import { componentsOf, type DeployedComponent, outputOf } from "./deployment";
import { readFailure } from "./failure-read";
import { decodedName, type Failure, failuresIn } from "./failures";
import { type Pointer, PointerReader } from "./pointers";

/** What has become of one mail. */
export type MailState = "sorted" | "review" | "ignored" | "failed" | "inFlight";

/** One mail as `sortline results` shows it. */
export interface MailResult {
    /** Record id; empty while the mail has not reached the stream. */
    readonly id: string;
    /** The name by which a person knows the mail, such as its file name. */
    readonly source: string;
    /** Object key in the mail bucket. */
    readonly key: string;
    readonly state: MailState;
    readonly category: string | null;
    /** Calibrated probability, 0 to 1. */
    readonly confidence: number | null;
    readonly route: string | null;
    readonly reason: string | null;
}

/** How many mails are in which state. `received` is the sum of the rest. */
export interface MailCounts {
    readonly received: number;
    readonly sorted: number;
    readonly review: number;
    readonly ignored: number;
    readonly failed: number;
    readonly inFlight: number;
}

export function countsOf(results: readonly MailResult[]): MailCounts {
    const count = (state: MailState) => results.filter((result) => result.state === state).length;
    return {
        received: results.length,
        sorted: count("sorted"),
        review: count("review"),
        ignored: count("ignored"),
        failed: count("failed"),
        inFlight: count("inFlight"),
    };
}

interface IndexRow {
    readonly id: string;
    readonly key: string;
    readonly source: string;
    readonly state: string;
    readonly category: string | null;
    readonly confidence: number | null;
    readonly route: string | null;
    readonly reason: string | null;
}

/**
 * Reads what has become of every mail from where it really is: the mail bucket says what came in, the intake's stream
 * which record that is, the index what was decided, the failure buckets what failed. Keeps its place in the streams and
 * what it has read of the failures, so that asking again is cheap.
 */
export class ResultsReader {
    private readonly failures = new Map<string, Failure[]>();
    private readonly sources = new Map<string, string>();

    private readonly pointers: PointerReader;

    constructor(private readonly connection: Connection) {
        this.pointers = new PointerReader(connection.clients.kinesis);
    }

    /** One result per mail that is in the bucket or in the index, in the order of arrival. */
    async read(): Promise<MailResult[]> {
        const { clients } = this.connection;
        const stack = await this.connection.exportStack();
        // What came in is read first and what was decided last: a mail on its way is then in flight, never missing.
        const keys: string[] = [];
        let pointers: ReadonlyMap<string, Pointer> = new Map();
        for (const intake of componentsOf(stack, "MailIntake")) {
            keys.push(...(await mailKeys(clients, intake)));
            pointers = await this.pointers.read(outputOf(intake, "streamName"));
        }
        const buckets = new Set(componentsOf(stack, "EventStream").map((stream) => outputOf(stream, "failureBucket")));
        for (const bucket of buckets) await this.readFailures(bucket);
        const rows = new Map<string, IndexRow>();
        for (const index of componentsOf(stack, "RecordIndex")) {
            for (const row of await indexRows(clients, outputOf(index, "tableName"))) rows.set(row.id, row);
        }

        const failed = new Map<string, Failure>();
        for (const failure of [...this.failures.values()].flat()) {
            if (failure.id !== undefined) failed.set(failure.id, failure);
            if (failure.key !== undefined) failed.set(failure.key, failure);
        }
        const results: MailResult[] = [];
        const shown = new Set<string>();
        for (const key of keys) {
            const pointer = pointers.get(key);
            const row = pointer && rows.get(pointer.id);
            if (row?.key === key) shown.add(row.id);
            results.push(resultOf(pointer ?? { id: "", key, source: await this.sourceOf(key, stack) }, row, failed));
        }
        // Mails expire before their rows do.
        for (const row of rows.values()) if (!shown.has(row.id)) results.push(decided(row));
        return results;
    }

    private async readFailures(bucket: string): Promise<void> {
        const { s3 } = this.connection.clients;
        for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket: bucket })) {
            for (const { Key: key } of page.Contents ?? []) {
                const address = `${bucket}/${key}`;
                // Records too large for the stream lie in the same bucket.
                if (key === undefined || key.startsWith("claims/") || this.failures.has(address)) continue;
                const failure = await readFailure(s3, bucket, key);
                // A redrive may have taken it meanwhile.
                if (failure !== undefined) this.failures.set(address, failuresIn(failure, key));
            }
        }
    }

    private async sourceOf(key: string, stack: Awaited<ReturnType<Connection["exportStack"]>>): Promise<string> {
        const known = this.sources.get(key);
        if (known !== undefined) return known;
        for (const intake of componentsOf(stack, "MailIntake")) {
            const head = await this.connection.clients.s3
                .send(new HeadObjectCommand({ Bucket: outputOf(intake, "bucketName"), Key: key }))
                .catch(() => undefined);
            const source = head?.Metadata?.source;
            if (source !== undefined) {
                const name = decodedName(source);
                this.sources.set(key, name);
                return name;
            }
        }
        return key;
    }
}

/** Object keys in the order of arrival. */
async function mailKeys(clients: Clients, intake: DeployedComponent): Promise<string[]> {
    const found: { key: string; modified: number }[] = [];
    const input = { Bucket: outputOf(intake, "bucketName"), Prefix: outputOf(intake, "prefix") };
    for await (const page of paginateListObjectsV2({ client: clients.s3 }, input)) {
        for (const object of page.Contents ?? []) {
            if (object.Key !== undefined) {
                found.push({ key: object.Key, modified: object.LastModified?.getTime() ?? 0 });
            }
        }
    }
    return found.sort((a, b) => a.modified - b.modified).map(({ key }) => key);
}

async function indexRows(clients: Clients, tableName: string): Promise<IndexRow[]> {
    const rows: IndexRow[] = [];
    for await (const page of paginateScan({ client: clients.dynamodb }, { TableName: tableName })) {
        for (const item of page.Items ?? []) {
            const text = (name: string) => item[name]?.S ?? null;
            const number = item.confidence?.N;
            rows.push({
                id: text("id") ?? "",
                key: text("key") ?? "",
                source: text("source") ?? "",
                state: text("state") ?? "",
                category: text("category"),
                confidence: number === undefined ? null : Number(number),
                route: text("route"),
                reason: text("reason"),
            });
        }
    }
    return rows;
}

function resultOf(pointer: Pointer, row: IndexRow | undefined, failed: ReadonlyMap<string, Failure>): MailResult {
    const { id, key, source } = pointer;
    const undecided = { id, source, key, category: null, confidence: null, route: null };
    if (row !== undefined && row.key === key) return decided(row);
    if (row !== undefined) return { ...undecided, state: "ignored", reason: `the same mail as ${row.source}` };
    const failure = failed.get(id) ?? failed.get(key);
    if (failure !== undefined) {
        return { ...undecided, id: id || (failure.id ?? ""), state: "failed", reason: failure.reason };
    }
    return { ...undecided, state: "inFlight", reason: null };
}

function decided(row: IndexRow): MailResult {
    const state: MailState = row.state === "sorted" || row.state === "ignored" ? row.state : "review";
    const { id, source, key, category, confidence, route, reason } = row;
    return { id, source, key, state, category, confidence, route, reason };
}
