import assert from "node:assert/strict";
import { createFaults, InvalidFaults, readFaultPlan } from "../../../../local/aws/faults";

const operations = new Map([
    ["kinesis", ["PutRecord", "PutRecords"]],
    ["s3", ["PutObject"]],
]);
const read = (plan: unknown) => readFaultPlan(plan, operations);

describe("a fault plan", () => {
    it("is refused with all of its problems: where, value, and what may stand there", () => {
        const plan = {
            seed: -1,
            rule: [],
            rules: [
                { service: "kinesis", operation: "PutRecord5", fault: "throttle", rate: 2 },
                { service: "kinesys", fault: "drop", when: "during" },
                { service: "kinesis", fault: "delay" },
                { service: "s3", fault: "throttle", records: 0.5, rats: 1 },
                { service: "s3", operation: "PutObject", fault: "throttle" },
                { function: "classify", fault: "throttle" },
                { function: "classify", endpoint: "x", fault: "crash" },
                { endpoint: "*", fault: "error", status: 200, calls: [0] },
                "crash",
                { service: "kinesis", fault: "delay", milliseconds: [5, 1], first: 0, after: 1.5, max: "many" },
            ],
        };
        assert.throws(
            () => read(plan),
            (error: unknown) => {
                assert.ok(error instanceof InvalidFaults);
                assert.deepEqual(error.problems, [
                    "seed is -1; it must be a whole number from 0.",
                    "rule is not known; what may stand there: seed, rules.",
                    "rules[0].rate is 2; it must be a number above 0, at most 1.",
                    'rules[0].operation is "PutRecord5"; it must be one of PutRecord, PutRecords.',
                    'rules[1].when is "during"; it must be "before" or "after".',
                    'rules[1].service is "kinesys"; it must be one of kinesis, s3.',
                    "rules[2].milliseconds is missing; it must be milliseconds from 0 to 300000, or a range of them such as [100, 2000].",
                    "rules[3].rats is not known; what may stand there: fault, service, operation, resource, rate, calls, first, after, max, records.",
                    'rules[3].records is for "operation": "PutRecords" only, of which single records can be refused.',
                    'rules[5].fault is "throttle"; it must be "crash" or "delay" for a function.',
                    'rules[6] is {"function":"classify","endpoint":"x","fault":"crash"}; it must be an object with one of "service", "function", "endpoint", "trainingJob", and a "fault".',
                    "rules[7].calls is [0]; it must be a list of whole numbers from 1, such as [3, 7].",
                    "rules[7].status is 200; it must be a status from 400 to 599.",
                    'rules[8] is "crash"; it must be an object with one of "service", "function", "endpoint", "trainingJob", and a "fault".',
                    "rules[9].first is 0; it must be a whole number from 1.",
                    "rules[9].after is 1.5; it must be a whole number from 0.",
                    'rules[9].max is "many"; it must be a whole number from 1.',
                    "rules[9].milliseconds is [5,1]; it must be milliseconds from 0 to 300000, or a range of them such as [100, 2000].",
                ]);
                return true;
            },
        );
    });

    it("is refused with a resource where no request names one, so that its rule could never hit", () => {
        const served = new Map([
            ["kinesis", ["ListStreams", "PutRecord"]],
            ["sts", ["GetCallerIdentity"]],
        ]);
        const problems = (rule: object) => {
            try {
                readFaultPlan({ seed: 1, rules: [{ fault: "throttle", resource: "mail", ...rule }] }, served);
                return [];
            } catch (error) {
                return error instanceof InvalidFaults ? error.problems : assert.fail(String(error));
            }
        };
        assert.deepEqual(problems({ service: "kinesis", operation: "ListStreams" }), [
            'rules[0].resource is "mail", but requests of kinesis ListStreams name no resource, so that the rule would never hit; leave it out.',
        ]);
        assert.match(String(problems({ service: "sts" })), /requests of sts name no resource/);
        assert.deepEqual(problems({ service: "sts", resource: "*" }), []);
        for (const operation of ["PutRecord", "*", undefined]) {
            assert.deepEqual(problems({ service: "kinesis", operation }), []);
        }
    });

    it("decides about a call that names several resources by any of them", () => {
        const faults = createFaults();
        faults.use(read({ seed: 1, rules: [{ service: "kinesis", resource: "b", fault: "error" }] }));
        assert.equal(faults.ofRequest("kinesis", "PutRecord", "a", "b-1a2b3c4")?.rule?.fault, "error");
        assert.equal(faults.account()?.newest[0]?.call, "kinesis PutRecord a,b");
        assert.equal(faults.ofRequest("kinesis", "PutRecord", "a", "c"), undefined);
        assert.equal(faults.ofRequest("kinesis", "PutRecord"), undefined);
    });

    for (const [what, plan] of [
        ["nothing", undefined],
        ["a list", []],
        ["a text", "faults"],
        ["rules that are none", { seed: 1, rules: { service: "s3" } }],
        ["a null rule", { seed: 1, rules: [null] }],
    ] as const) {
        it(`is refused where it is ${what}`, () => assert.throws(() => read(plan), InvalidFaults));
    }

    /** Which of so many calls are hit. */
    function hitCalls(plan: unknown, count: number, resource = "mail", between: () => void = () => {}): number[] {
        const faults = createFaults();
        faults.use(read(plan));
        return Array.from({ length: count }, (_, index) => index + 1).filter(() => {
            between();
            return faults.ofRequest("kinesis", "PutRecords", resource) !== undefined;
        });
    }
    const rule = { service: "kinesis", operation: "PutRecords", fault: "throttle" };
    const some = { seed: 7, rules: [{ ...rule, rate: 0.2 }] };

    it("decides the same for the n-th call of an operation, whatever else is called", () => {
        const alone = hitCalls(some, 1000);
        assert.ok(alone.length > 150 && alone.length < 250, String(alone.length));
        const faults = createFaults();
        faults.use(read({ seed: 7, rules: [{ service: "*", fault: "error", rate: 0.5 }, ...some.rules] }));
        assert.deepEqual(
            hitCalls({ seed: 7, rules: [...some.rules, { service: "s3", fault: "error" }] }, 1000, "mail", () => {
                faults.ofRequest("s3", "PutObject", "mail");
            }),
            alone,
        );
        assert.deepEqual(hitCalls(some, 1000), alone);
    });

    it("decides otherwise with another seed and for another resource, but not for another random name", () => {
        const alone = hitCalls(some, 200);
        assert.notDeepEqual(hitCalls({ ...some, seed: 8 }, 200), alone);
        assert.notDeepEqual(hitCalls(some, 200, "other"), alone);
        assert.deepEqual(hitCalls(some, 200, "mail-1a2b3c4"), alone);
    });

    it("adds faults with a higher rate and moves none", () => {
        const more = new Set(hitCalls({ seed: 7, rules: [{ ...rule, rate: 0.4 }] }, 500));
        const fewer = hitCalls(some, 500);
        assert.ok(fewer.every((call) => more.has(call)) && more.size > fewer.length);
    });

    it("keeps to the calls that a rule names", () => {
        assert.deepEqual(hitCalls({ seed: 1, rules: [{ ...rule, calls: [3, 7] }] }, 20), [3, 7]);
        assert.deepEqual(hitCalls({ seed: 1, rules: [{ ...rule, first: 2 }] }, 20), [1, 2]);
        assert.deepEqual(hitCalls({ seed: 1, rules: [{ ...rule, after: 18 }] }, 20), [19, 20]);
        assert.deepEqual(hitCalls({ seed: 1, rules: [{ ...rule, after: 4, max: 3 }] }, 20), [5, 6, 7]);
    });

    it("adds delays to the first fault that hits, and tells of all of them", () => {
        const reports: string[] = [];
        const faults = createFaults({ report: ({ message }) => void reports.push(message) });
        faults.use(
            read({
                seed: 3,
                rules: [
                    { service: "kinesis", fault: "delay", milliseconds: 5 },
                    { service: "kinesis", fault: "delay", milliseconds: [10, 20] },
                    { service: "kinesis", fault: "drop" },
                    { service: "kinesis", fault: "error" },
                ],
            }),
        );
        const injection = faults.ofRequest("kinesis", "PutRecord", "mail");
        assert.ok(injection !== undefined && injection.delay >= 15 && injection.delay <= 25, String(injection?.delay));
        assert.equal(injection.rule?.fault, "drop");
        assert.equal(injection.label, "delay (rule 1, call 1), delay (rule 2, call 1), drop (rule 3, call 1)");
        const account = faults.account();
        assert.deepEqual(
            account?.rules.map(({ calls, injected }) => [calls, injected]),
            [
                [1, 1],
                [1, 1],
                [1, 1],
                [1, 0],
            ],
        );
        assert.deepEqual(
            account?.newest.map(({ rule, fault, call, number }) => [rule, fault, call, number]),
            [
                [0, "delay"],
                [1, "delay"],
                [2, "drop"],
            ].map((each) => [...each, "kinesis PutRecord mail", 1]),
        );
        assert.equal(reports.length, 3);
        assert.match(
            String(reports[2]),
            /^Injected on demand: drop of kinesis PutRecord mail, call 1; rule 3 has injected 1/,
        );
    });

    it("finds a resource and a function by their names in the program", () => {
        const faults = createFaults({
            programNames: (name) => (name === "x-1234567" ? ["x-function", "classify"] : []),
        });
        faults.use(
            read({
                seed: 1,
                rules: [
                    { function: "classify", fault: "crash" },
                    { endpoint: "classifier", fault: "error" },
                ],
            }),
        );
        assert.equal(faults.ofInvocation("x-1234567")?.rule?.fault, "crash");
        assert.equal(faults.ofInvocation("y-1234567"), undefined);
        assert.equal(faults.ofModel("classifier-1234567")?.rule?.fault, "error");
    });
});
