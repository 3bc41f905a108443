import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import {
    EventStream,
    MailIntake,
    ModelEndpoint,
    RecordIndex,
    StoredMail,
    serverless,
    WorkQueue,
} from "../../../components";
import { mockDeployment } from "../deployment";
import { Depot } from "./fixtures/parts/depot";

/** What a call at deployment says: the component, the method, the place of the call, what to do. */
async function refused(call: () => unknown, who: string, method: string, mark: string): Promise<void> {
    const lines = readFileSync(__filename, "utf8").split("\n");
    const text = `/*@${mark}*/ `;
    const line = lines.findIndex((each) => each.includes(text));
    // V8 says of a call where its method's name stands.
    const column = (lines[line] ?? "").indexOf(`.${method}(`, (lines[line] ?? "").indexOf(text)) + 2;
    await assert.rejects(
        async () => call(),
        (error: Error) => {
            assert.ok(pulumi.RunError.isInstance(error));
            assert.equal(
                error.message,
                `${who}: ${method}() was called while deploying\n` +
                    `    at ${__filename}:${line + 1}:${column}\n` +
                    `    Call it inside of a handler, for example: stream.stage("name", {}, async (message) => { await x.${method}(…); })`,
            );
            return true;
        },
    );
}

describe("A run-time method that is called while deploying says where and what to do:", () => {
    before(() => mockDeployment());

    it("of a WorkQueue", async () => {
        const queue = new WorkQueue("work");
        await refused(() => /*@queue*/ queue.send({ id: "a" }), 'WorkQueue "work"', "send", "queue");
    });

    it("of a RecordIndex", async () => {
        const index = new RecordIndex("index");
        await refused(() => /*@put*/ index.put({ id: "a" }), 'RecordIndex "index"', "put", "put");
        await refused(() => /*@get*/ index.get("a"), 'RecordIndex "index"', "get", "get");
    });

    it("of a MailIntake", async () => {
        const intake = new MailIntake("intake", { into: new EventStream("mail", { schema: StoredMail }) });
        await refused(() => /*@read*/ intake.read("a"), 'MailIntake "intake"', "read", "read");
    });

    it("of a ModelEndpoint", async () => {
        const capacity = serverless({ memory: 2048 });
        const endpoint = new ModelEndpoint("classifier", { model: undefined, capacity, cleaning: "1" });
        await refused(() => /*@classify*/ endpoint.classify([]), 'ModelEndpoint "classifier"', "classify", "classify");
    });

    it("of a user's own component, in a method that waits", async () => {
        const depot = new Depot("own");
        await refused(() => /*@depot*/ depot.send("p"), 'Depot "own"', "send", "depot");
    });

    it("in a function that the program calls", async () => {
        const queue = new WorkQueue("work-by-helper");
        const schema = z.object({ id: z.string() });
        const helper = (data: unknown) => /*@helper*/ queue.send(schema.parse(data));
        await refused(() => helper({ id: "a" }), 'WorkQueue "work-by-helper"', "send", "helper");
    });
});
