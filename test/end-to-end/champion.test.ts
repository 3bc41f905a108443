import assert from "node:assert/strict";
import * as path from "node:path";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import { type Connection, connectTo } from "../../automation/connection";
import { promote } from "../../automation/promotion";
import { listModels, type RegisteredModel } from "../../automation/registry";
import { type Local, startLocal } from "../../testing";
import { root, sortline, temporaryFolder } from "./command";

describe("a model that is trained while another one is in service", function () {
    // The first training on a machine makes the Python environment.
    this.timeout(300_000);
    const { folder, remove } = temporaryFolder();
    const home = path.join(folder, "home");
    let local: Local;
    let connection: Connection;
    before(async () => {
        local = await startLocal({ project: root, home });
        connection = connectTo(local.twin.file);
    });
    after(async () => {
        connection?.close();
        await local?.close();
        remove();
    });

    async function trained(): Promise<RegisteredModel> {
        const data = path.join(root, "samples", "labels.csv");
        const { code, stderr } = await sortline(["train", "--data", data, "--json"], { home });
        assert.equal(code, 0, stderr);
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
});
