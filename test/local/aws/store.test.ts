import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore, type Store } from "../../../local/aws/store";
import { StoreError } from "../../../local/aws/store-error";

describe("the twin's store", () => {
    let folder: string;
    let store: Store;

    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "sortline-store-"));
        store = openStore(folder);
        store.database.exec("CREATE TABLE IF NOT EXISTS numbers (value INTEGER PRIMARY KEY) STRICT");
    });

    afterEach(() => {
        store.close();
        rmSync(folder, { recursive: true });
    });

    const insert = (value: number) => store.database.prepare("INSERT INTO numbers VALUES (?)").run(value);
    const values = () =>
        store.database
            .prepare("SELECT value FROM numbers ORDER BY value")
            .all()
            .map((row) => row.value);

    it("keeps what a transaction wrote over a restart", () => {
        store.transaction(() => insert(1));
        store.close();
        store = openStore(folder);
        assert.deepEqual(values(), [1]);
    });

    it("undoes a transaction that throws, and only the inner one of two", () => {
        store.transaction(() => {
            insert(1);
            assert.throws(
                () =>
                    store.transaction(() => {
                        insert(2);
                        throw new Error("no");
                    }),
                /no/,
            );
            insert(3);
        });
        assert.throws(
            () =>
                store.transaction(() => {
                    insert(4);
                    throw new Error("no");
                }),
            /no/,
        );
        assert.deepEqual(values(), [1, 3]);
    });

    it("commits what is queued together once, and rejects only the work that threw", async () => {
        const outcomes = await Promise.allSettled([
            store.commit(() => insert(1)),
            store.commit(() => {
                insert(2);
                throw new Error("refused");
            }),
            store.commit(() => insert(1)),
            store.commit(() => insert(3)),
        ]);
        assert.deepEqual(
            outcomes.map(({ status }) => status),
            ["fulfilled", "rejected", "rejected", "fulfilled"],
        );
        assert.deepEqual(values(), [1, 3]);
    });

    it("has nothing on disk of a commit that it has not resolved, and all of it once it has", async () => {
        const pending = store.commit(() => insert(1));
        assert.deepEqual(values(), []);
        await pending;
        assert.deepEqual(values(), [1]);
    });

    it("writes what is queued when it is closed, and refuses what comes after", async () => {
        const queued = store.commit(() => insert(1));
        store.close();
        await queued;
        await assert.rejects(
            store.commit(() => insert(2)),
            StoreError,
        );
        store = openStore(folder);
        assert.deepEqual(values(), [1]);
    });

    it("says what to do about a file that is not a store", () => {
        const other = mkdtempSync(join(tmpdir(), "sortline-store-"));
        writeFileSync(join(other, "store.sqlite"), "x".repeat(5000));
        assert.throws(() => openStore(other), {
            name: "StoreError",
            message:
                /store\.sqlite is not a store of the twin, or its beginning is damaged\. Restore .* or move it away/,
        });
        rmSync(other, { recursive: true });
    });

    it("says what to do when the disk is full, and keeps what was accepted", async () => {
        store.database.exec("CREATE TABLE bodies (body BLOB) STRICT; PRAGMA max_page_count = 20");
        insert(1);
        const fill = () => store.database.prepare("INSERT INTO bodies VALUES (?)").run(Buffer.alloc(1_000_000));
        const small = store.commit(() => insert(2));
        await assert.rejects(store.commit(fill), { name: "StoreError", message: /the disk is full\. Free some space/ });
        await assert.rejects(small, StoreError);
        await store.commit(() => insert(3));
        assert.deepEqual(values(), [1, 3]);
    });

    it("is readable by its owner only", () => {
        assert.equal(statSync(join(folder, "store.sqlite")).mode & 0o077, 0);
    });
});
