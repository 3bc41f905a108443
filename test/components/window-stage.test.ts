import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { EventStream, RecordIndex } from "../../components";
import { type Deployment, mockDeployment } from "./deployment";

const Letter = z.object({ id: z.string(), text: z.string() });
const Count = z.object({ id: z.string(), count: z.number() });

describe("a stage with windows", () => {
    let deployment: Deployment;
    before(async () => {
        deployment = await mockDeployment();
    });
    beforeEach(() => deployment.clear());

    it("is a stage whose mapping has a tumbling window, and whose closing may do what it uses", async () => {
        const letters = new EventStream("letters", { schema: Letter });
        const counts = new EventStream("counts", { schema: Count });
        const index = new RecordIndex("index");
        letters.windowStage(
            "count",
            {
                seconds: 60,
                initial: { count: 0 },
                into: counts,
                batch: { size: 500 },
                close: async ({ count }, { id }) => {
                    await index.put({ id });
                    return { id, count };
                },
            },
            ({ count }, records) => ({ count: count + records.length }),
        );
        await deployment.settled();
        const { tumblingWindowInSeconds, parallelizationFactor, batchSize, functionResponseTypes } =
            deployment.named("count-mapping").inputs;
        assert.deepEqual(
            { tumblingWindowInSeconds, parallelizationFactor, batchSize, functionResponseTypes },
            {
                tumblingWindowInSeconds: 60,
                parallelizationFactor: 1,
                batchSize: 500,
                functionResponseTypes: ["ReportBatchItemFailures"],
            },
        );
        const allowed = deployment.statements("count-policy").flatMap(({ Action }) => Action);
        assert.ok(allowed.includes("dynamodb:PutItem"), "from closing");
        assert.ok(allowed.includes("kinesis:PutRecords"), "into the next stream");
    });

    it("takes its handler from a file, and its closing from the program", async () => {
        const letters = new EventStream("letters", { schema: Letter });
        const entry = path.join(__dirname, "inline", "fixtures", "bundling", "handler.ts");
        const close = async () => console.log("closed here");
        letters.windowStage("file", { seconds: 1, initial: 0, close, bundle: { minify: false } }, { entry });
        await deployment.settled();
        const archive = deployment.named("file-function").inputs.code as pulumi.asset.FileArchive;
        const code = readFileSync(path.join(await archive.path, "index.js"), "utf8");
        assert.match(code, /=> 3/);
        assert.match(code, /closed here/);
    });

    it("says all that is wrong at once", () => {
        const letters = new EventStream("letters", { schema: Letter });
        const wrong = {
            close: undefined,
            seconds: 901,
            initial: new Date(0),
            batch: { size: 0, parallel: 2 },
            maxAge: 1,
        };
        const problemsOf = (options: object) => {
            try {
                letters.windowStage("count", { seconds: 1, initial: 0, close: () => {}, ...options }, (state) => state);
            } catch (error) {
                return (error as Error).message;
            }
            return "";
        };
        const message = problemsOf(wrong);
        for (const problem of [
            "seconds is 901; it must be a whole number from 1 to 900 seconds",
            "close is missing; it must be a function",
            "initial is 1970-01-01T00:00:00.000Z, which is not what JSON can hold",
            "batch.parallel is 2; leave it out",
            "batch.size is 0",
            "maxAge is 1",
        ]) {
            assert.ok(message.includes(problem), `${problem}\nin: ${message}`);
        }
        assert.match(problemsOf({ initial: undefined }), /initial is missing; it must be what JSON can hold/);
        for (const initial of [Number.NaN, { at: undefined }, new Map(), 1n, () => 1]) {
            assert.match(problemsOf({ initial }), /initial is .*, which is not what JSON can hold/);
        }
        assert.match(problemsOf({ initial: "x".repeat(1_000_000) }), /initial has 1000002 bytes .* at most 1000000/);
        assert.match(problemsOf({ seconds: 0 }), /^LambdaStage "count": seconds is 0; [^;]+\.$/);
    });
});
