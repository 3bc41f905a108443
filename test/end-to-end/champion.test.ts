import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import { parse } from "csv-parse/sync";
import { connectTo, type TwinConnection } from "../../automation/connection";
import { listModels, type RegisteredModel } from "../../automation/registry/models";
import { promote } from "../../automation/registry/promotion";
import { type Local, startLocal } from "../../testing";
import { root, sortline, temporaryFolder } from "./command";

describe("a model that is trained while another one is in service", function () {
    // The first training on a machine makes the Python environment.
    this.timeout(300_000);
    const { folder, remove } = temporaryFolder();
    const home = path.join(folder, "home");
    let local: Local;
    let connection: TwinConnection;
    before(async () => {
        local = await startLocal({ project: root, home });
        connection = connectTo(local.twin.file);
    });
    after(async () => {
        connection?.close();
        await local?.close();
        remove();
    });

    const samples = path.join(root, "samples", "labels.csv");

    async function command(...args: string[]): Promise<string> {
        const { code, stdout, stderr } = await sortline(args, { home });
        assert.equal(code, 0, stderr);
        return stdout;
    }

    async function trained(data = samples, ...more: string[]): Promise<RegisteredModel> {
        await command("train", "--data", data, ...more, "--json");
        const [newest] = await listModels(connection);
        return newest ?? assert.fail("no model");
    }

    async function evaluationOf({ evaluation = "" }: RegisteredModel) {
        const { hostname: Bucket, pathname } = new URL(evaluation);
        const { Body } = await connection.clients.s3.send(new GetObjectCommand({ Bucket, Key: pathname.slice(1) }));
        return JSON.parse((await Body?.transformToString("utf8")) ?? "null");
    }

    it("is compared with that one on the same texts", async () => {
        const first = await trained();
        assert.equal((await evaluationOf(first)).champion, undefined);
        await promote(connection, String(first.version), () => undefined);
        const { champion, accuracy } = await evaluationOf(await trained());
        assert.equal(champion?.model, first.job);
        assert.equal(champion.accuracy, accuracy, "the same data and seed make the same model");
        assert.equal(champion.difference.accuracy, 0);
    });

    it("is shown beside that one by compare, with what the difference would be on other texts", async () => {
        const rows: { text: string; category: string }[] = parse(fs.readFileSync(samples), { columns: true });
        const labels = [...new Set(rows.map(({ category }) => category))];
        const next = (label: string) => labels[(labels.indexOf(label) + 1) % labels.length] ?? label;
        const file = (name: string, part: typeof rows) => {
            const lines = part.map((row) => `${JSON.stringify(row)}\n`);
            fs.writeFileSync(path.join(folder, name), lines.join(""));
            return path.join(folder, name);
        };
        const test = rows.filter((_, index) => index % 3 === 0);
        // Taught to be wrong, it is less accurate for sure.
        const wrong = rows.filter((_, index) => index % 3 > 0).map((row) => ({ ...row, category: next(row.category) }));
        const worse = await trained(file("wrong.jsonl", wrong), "--test", file("test.jsonl", test));
        const { champion } = await evaluationOf(worse);
        assert.ok(champion.difference.high < 0, JSON.stringify(champion));
        const compared = (a: string, b: string) => command("compare", a, b, "--json").then(JSON.parse);
        const { accuracy, low, high } = champion.difference;
        const { paired, sameTestSet } = await compared("1", String(worse.version));
        assert.deepEqual([paired, sameTestSet], [{ accuracy, low, high }, false]);
        const reversed = await compared(String(worse.version), "1");
        assert.deepEqual(reversed.paired, { accuracy: -accuracy, low: -high, high: -low });
        const shown = await command("compare", "1", String(worse.version));
        assert.match(shown, /judged by different test sets/);
        const difference = "accuracy −0\\.\\d+ \\(95 % of resamples between −0\\.\\d+ and −0\\.\\d+\\)\\.\n";
        assert.match(shown, new RegExp(`Side by side on one test set, example by example: ${difference}`));
    });
});
