import assert from "node:assert/strict";
import {
    CreateEventSourceMappingCommand,
    type CreateEventSourceMappingRequest,
    UpdateEventSourceMappingCommand,
    type UpdateEventSourceMappingRequest,
} from "@aws-sdk/client-lambda";
import { filterProblems, passesFilters } from "../../../local/aws/lambda/event-source-mappings/filter";
import { createPipelines, streamArn } from "./lambda-pipeline";

describe("what an event source mapping is refused for", () => {
    const pipelines = createPipelines();
    let existing: { readonly name: string; readonly uuid: string };

    before(async () => {
        await pipelines.start();
        existing = await pipelines.pipeline("", { Enabled: false });
    });
    after(() => pipelines.end());

    const create = (input: Partial<CreateEventSourceMappingRequest>) =>
        pipelines.twin().client.send(
            new CreateEventSourceMappingCommand({
                FunctionName: existing.name,
                EventSourceArn: streamArn(existing.name),
                StartingPosition: "LATEST",
                ...input,
            }),
        );
    const update = (input: Partial<UpdateEventSourceMappingRequest>) =>
        pipelines.twin().client.send(new UpdateEventSourceMappingCommand({ UUID: existing.uuid, ...input }));

    const out = (value: number, at: string, what: "greater" | "less", bound: number) =>
        `Value '${value}' at '${at}' failed to satisfy constraint: Member must have value ${what} than or equal to ${bound}`;

    const ranges = [
        ["BatchSize", 1, 10_000],
        ["MaximumBatchingWindowInSeconds", 0, 300],
        ["ParallelizationFactor", 1, 10],
        ["MaximumRecordAgeInSeconds", -1, 604_800],
        ["MaximumRetryAttempts", -1, 10_000],
        ["TumblingWindowInSeconds", 0, 900],
    ] as const;
    for (const [member, low, high] of ranges) {
        it(`is ${member} out of ${low} to ${high}, in Lambda's words`, async () => {
            const at = member.charAt(0).toLowerCase() + member.slice(1);
            for (const [value, what, bound] of [
                [low - 1, "greater", low],
                [high + 1, "less", high],
            ] as const) {
                const expected = {
                    name: "ValidationException",
                    message: `1 validation error detected: ${out(value, at, what, bound)}`,
                };
                await assert.rejects(create({ [member]: value }), expected);
                await assert.rejects(update({ [member]: value }), expected);
            }
        });
    }

    it("is all that is wrong, at once", async () => {
        await assert.rejects(create({ BatchSize: 0, ParallelizationFactor: 11 }), {
            message: `2 validation errors detected: ${out(0, "batchSize", "greater", 1)}; ${out(11, "parallelizationFactor", "less", 10)}`,
        });
        await assert.rejects(
            create({
                StartingPosition: undefined,
                MaximumRecordAgeInSeconds: 59,
                FilterCriteria: { Filters: [{ Pattern: "{" }, { Pattern: '{"data":{"a":[1]}}' }, { Pattern: "[]" }] },
            }),
            (error: Error) => {
                assert.equal(error.name, "InvalidParameterValueException");
                for (const part of [
                    "Value null at 'startingPosition' failed to satisfy constraint: Member must not be null.",
                    "MaximumRecordAgeInSeconds is 59; it must be from 60 to 604800, or -1 for no end.",
                    "Invalid filter pattern definition. Filters[0]",
                    "Invalid filter pattern definition. Filters[2]",
                ]) {
                    assert.ok(error.message.includes(part), error.message);
                }
                return true;
            },
        );
    });

    it("is a starting position that there is not, or its time without it", async () => {
        await assert.rejects(create({ StartingPosition: "invalid" as "LATEST" }), {
            name: "ValidationException",
            message:
                "1 validation error detected: Value 'invalid' at 'startingPosition' failed to satisfy constraint: Member must satisfy enum value set: [LATEST, AT_TIMESTAMP, TRIM_HORIZON]",
        });
        await assert.rejects(create({ StartingPosition: "AT_TIMESTAMP" }), /StartingPositionTimestamp belongs to/);
        await assert.rejects(
            create({ StartingPositionTimestamp: new Date(0) }),
            /StartingPositionTimestamp belongs to/,
        );
    });

    it("is a time to start at that is still to come", async () => {
        const { clock } = pipelines.twin();
        const at = (time: number) =>
            create({ StartingPosition: "AT_TIMESTAMP", StartingPositionTimestamp: new Date(time) });
        await assert.rejects(at(clock.now() + 3_600_000), {
            name: "InvalidParameterValueException",
            message: /^StartingPositionTimestamp is \d{4}-.*Z; it must not be in the future: it is \d{4}-.*Z now\.$/,
        });
        // It is the twin's time that counts: this is another one's mapping, but no longer a wrong time.
        const hour = clock.now() + 3_600_000;
        clock.advance(2 * 3_600_000);
        await assert.rejects(at(hour), { name: "ResourceConflictException" });
    });

    it("is no source, no function, and what Kinesis has not", async () => {
        await assert.rejects(create({ EventSourceArn: undefined }), /Unrecognized event source\./);
        for (const refused of [create({ FunctionName: "nobody" }), update({ FunctionName: "nobody" })]) {
            await assert.rejects(refused, {
                name: "InvalidParameterValueException",
                message: "Function does not exist",
            });
        }
        const Destination = "arn:aws:sqs:eu-central-1:000000000000:q";
        await assert.rejects(create({ DestinationConfig: { OnSuccess: { Destination } } }), {
            message: "Unsupported DestinationConfig parameter for given event source mapping type.",
        });
        await assert.rejects(create({ ProvisionedPollerConfig: { MinimumPollers: 1 } }), {
            name: "NotImplemented",
            message: "The local twin does not implement lambda CreateEventSourceMapping with ProvisionedPollerConfig.",
        });
    });

    it("is a value of another type", async () => {
        await assert.rejects(create({ BatchSize: "5" as unknown as number }), { name: "SerializationException" });
    });

    it("leaves a mapping as it was", async () => {
        await assert.rejects(update({ BatchSize: 5, MaximumRecordAgeInSeconds: 1 }));
        const { BatchSize, MaximumRecordAgeInSeconds } = await update({ MaximumRetryAttempts: 1 });
        assert.deepEqual([BatchSize, MaximumRecordAgeInSeconds], [100, -1]);
    });
});

describe("a filter of an event source mapping", () => {
    const passes = (pattern: object, data: unknown) =>
        passesFilters([JSON.stringify({ data: pattern })], Buffer.from(JSON.stringify(data)));

    /** Each documented comparison: a pattern, data that fit, data that do not. */
    const comparisons: Readonly<Record<string, readonly [pattern: object, fits: unknown[], fitsNot: unknown[]]>> = {
        null: [{ a: [null] }, [{ a: null }], [{ a: "" }, {}]],
        empty: [{ a: [""] }, [{ a: "" }], [{ a: " " }, { a: null }]],
        equals: [{ a: ["x"] }, [{ a: "x" }, { a: ["y", "x"] }], [{ a: "X" }, { a: ["y"] }, { a: { x: 1 } }]],
        "equals, ignoring case": [{ a: [{ "equals-ignore-case": "Alice" }] }, [{ a: "ALICE" }], [{ a: "Alic" }]],
        and: [{ a: ["x"], b: [1] }, [{ a: "x", b: 1 }], [{ a: "x", b: 2 }, { a: "x" }]],
        or: [{ a: ["x", "y"] }, [{ a: "x" }, { a: "y" }], [{ a: "z" }]],
        "or, of several fields": [{ $or: [{ a: ["x"] }, { b: [1] }] }, [{ a: "x" }, { b: 1 }], [{ a: "y", b: 2 }]],
        not: [{ a: [{ "anything-but": ["x", "y"] }] }, [{ a: "z" }, { a: 1 }], [{ a: "x" }, {}]],
        "number, equal": [{ a: [{ numeric: ["=", 100] }] }, [{ a: 100 }], [{ a: 101 }, { a: "100" }]],
        "number, in a range": [
            { a: [{ numeric: [">", 10, "<=", 20] }] },
            [{ a: 10.5 }, { a: 20 }],
            [{ a: 10 }, { a: 21 }],
        ],
        exists: [
            { a: { b: [{ exists: true }] } },
            [{ a: { b: null } }, { a: { b: 0 } }],
            [{ a: {} }, {}, { a: { b: { c: 1 } } }],
        ],
        "does not exist": [{ a: [{ exists: false }] }, [{}, { b: 1 }, { a: { b: 1 } }], [{ a: 1 }, { a: null }]],
        "begins with": [{ a: [{ prefix: "us-" }] }, [{ a: "us-east-1" }], [{ a: "eu-us-" }, { a: 1 }]],
        "ends with": [{ a: [{ suffix: ".png" }] }, [{ a: "x.png" }], [{ a: "x.png.txt" }]],
        "nested fields": [{ a: { b: { c: [true] } } }, [{ a: { b: { c: true } } }], [{ a: { b: true } }]],
    };
    for (const [name, [pattern, fits, fitsNot]] of Object.entries(comparisons)) {
        it(`compares: ${name}`, () => {
            assert.deepEqual(filterProblems([JSON.stringify({ data: pattern })]), []);
            for (const data of fits) assert.ok(passes(pattern, data), JSON.stringify(data));
            for (const data of fitsNot) assert.ok(!passes(pattern, data), JSON.stringify(data));
        });
    }

    it("lets through what fits one of several, and everything where there are none", () => {
        const patterns = ['{"data":{"a":[1]}}', '{"data":{"b":[1]}}'];
        assert.ok(passesFilters(patterns, Buffer.from('{"b":1}')));
        assert.ok(!passesFilters(patterns, Buffer.from('{"c":1}')));
        assert.ok(passesFilters([], Buffer.from([0xff])));
    });

    it("lets through no data that are not JSON", () => {
        const pattern = ['{"data":{"a":[{"exists":false}]}}'];
        for (const data of ["plain text", "", "{", "\u0000"])
            assert.ok(!passesFilters(pattern, Buffer.from(data)), data);
        assert.ok(!passesFilters(pattern, Buffer.from([0xff, 0xfe])));
    });

    for (const [pattern, problem] of [
        ["", "it is not JSON"],
        ["null", "must be an object"],
        ["{}", "it is empty"],
        ['{"data":{}}', "data is empty"],
        ['{"data":{"a":"x"}}', "data.a must be an object or a non-empty array"],
        ['{"data":{"a":[]}}', "data.a is an empty array"],
        ['{"data":{"a":[{"numeric":["~",1]}]}}', "data.a needs =, <, <=, > or >= and a number for numeric"],
        ['{"data":{"a":[{"like":"x"}]}}', "data.a has the unrecognized match type like"],
        ['{"data":{"a":[{"wildcard":"x*"}]}}', "Lambda has no comparison 'wildcard'"],
        ['{"data":["text"]}', "'data' must be an object"],
        ['{"partitionKey":["1"]}', "Lambda filters records of Kinesis by 'data' only"],
        ['{"$or":[{"data":{"a":[1]}},{"partitionKey":["1"]}]}', "it filters by 'partitionKey'"],
    ] as const) {
        it(`is refused: ${pattern || "nothing"}`, () => {
            const [found, ...more] = filterProblems([pattern]);
            assert.ok(found !== undefined, pattern);
            assert.ok(found.startsWith("Invalid filter pattern definition. Filters[0]: "), found);
            assert.ok(found.includes(problem), found);
            assert.equal(more.length, 0);
        });
    }

    it("is one of five at most", () => {
        const filters = Array.from({ length: 6 }, () => '{"data":{"a":[1]}}');
        assert.deepEqual(filterProblems(filters), ["FilterCriteria has 6 filters; 5 are the most."]);
    });
});
