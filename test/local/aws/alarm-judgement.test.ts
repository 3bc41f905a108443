import assert from "node:assert/strict";
import type { AlarmDefinition } from "../../../local/aws/cloudwatch/alarms/alarm";
import { type Datapoint, judge } from "../../../local/aws/cloudwatch/alarms/judgement";
import { stateReason } from "../../../local/aws/cloudwatch/alarms/reason";

const alarm: AlarmDefinition = {
    AlarmName: "errors",
    Namespace: "pipeline",
    MetricName: "Errors",
    Statistic: "Sum",
    Period: 60,
    EvaluationPeriods: 3,
    Threshold: 0,
    ComparisonOperator: "GreaterThanThreshold",
    ActionsEnabled: true,
};
const noon = Date.UTC(2026, 10, 26, 12);

/** `X` breaches, `0` does not, `-` is missing; the oldest comes first. */
const slots = (text: string): (Datapoint | undefined)[] =>
    text.split(" ").map((mark, index) => {
        if (mark === "-") return undefined;
        return { time: noon + index * 60_000, value: mark === "X" ? 2 : 0, sampleCount: 1 };
    });

// The tables of "Configuring how CloudWatch alarms treat missing data", row by row.
const documented: readonly [
    toAlarm: number,
    data: string,
    missing: string,
    ignore: string,
    breaching: string,
    not: string,
][] = [
    [3, "0 - X - X", "OK", "OK", "OK", "OK"],
    [3, "- - - - 0", "OK", "OK", "OK", "OK"],
    [3, "- - - - -", "INSUFFICIENT_DATA", "retain", "ALARM", "OK"],
    [3, "0 X X - X", "ALARM", "ALARM", "ALARM", "ALARM"],
    [3, "- - X - -", "ALARM", "retain", "ALARM", "OK"],
    [2, "0 - X - X", "ALARM", "ALARM", "ALARM", "ALARM"],
    [2, "0 0 X 0 X", "ALARM", "ALARM", "ALARM", "ALARM"],
    [2, "0 - X - -", "OK", "OK", "ALARM", "OK"],
    [2, "- - - - 0", "OK", "OK", "ALARM", "OK"],
    [2, "- - - X -", "ALARM", "retain", "ALARM", "OK"],
    // From the text below the tables: no alarm before its time.
    [3, "- - - - X", "retain", "retain", "ALARM", "OK"],
    [3, "- - - X -", "retain", "retain", "ALARM", "OK"],
];

describe("The judgement of alarms", () => {
    for (const [toAlarm, data, ...states] of documented) {
        it(`treats missing data as documented: ${data}, ${toAlarm} out of 3`, () => {
            const judged = ["missing", "ignore", "breaching", "notBreaching"].map((TreatMissingData) => {
                const judgement = judge({ ...alarm, DatapointsToAlarm: toAlarm, TreatMissingData }, slots(data));
                return judgement.state ?? "retain";
            });
            assert.deepEqual(judged, states);
        });
    }

    it("compares by each operator", () => {
        const operators = {
            GreaterThanThreshold: ["OK", "OK", "ALARM"],
            GreaterThanOrEqualToThreshold: ["OK", "ALARM", "ALARM"],
            LessThanThreshold: ["ALARM", "OK", "OK"],
            LessThanOrEqualToThreshold: ["ALARM", "ALARM", "OK"],
        } as const;
        for (const [ComparisonOperator, states] of Object.entries(operators)) {
            const judged = [1, 2, 3].map((value) => {
                const changed = { ...alarm, EvaluationPeriods: 1, Threshold: 2, ComparisonOperator } as AlarmDefinition;
                return judge(changed, [{ time: noon, value, sampleCount: 1 }]).state;
            });
            assert.deepEqual(judged, states, ComparisonOperator);
        }
    });

    it("ignores missing data of DynamoDB whatever is set, and keeps its state for a percentile of few samples", () => {
        const table = { ...alarm, Namespace: "AWS/DynamoDB", TreatMissingData: "breaching" };
        assert.equal(judge(table, slots("- - - - -")).state, undefined);
        const percentile = { ...alarm, ExtendedStatistic: "p90", EvaluateLowSampleCountPercentile: "ignore" };
        assert.equal(judge(percentile, slots("X X X X X")).state, undefined);
        const enough = slots("X X X").map((slot) => slot && { ...slot, sampleCount: 101 });
        assert.equal(judge(percentile, enough).state, "ALARM");
    });

    it("says why in CloudWatch's words", () => {
        const reason = (data: string, more: Partial<AlarmDefinition> = {}) => {
            const changed = { ...alarm, ...more };
            const judgement = judge(changed, slots(data));
            return judgement.state && stateReason(changed, judgement.state, judgement);
        };
        const one = { EvaluationPeriods: 1 };
        assert.equal(
            reason("X", { ...one, DatapointsToAlarm: 1 }),
            "Threshold Crossed: 1 out of the last 1 datapoints [2.0 (26/11/26 12:00:00)] was greater than the threshold (0.0) (minimum 1 datapoint for OK -> ALARM transition).",
        );
        assert.equal(
            reason("0", one),
            "Threshold Crossed: 1 datapoint [0.0 (26/11/26 12:00:00)] was not greater than the threshold (0.0).",
        );
        assert.equal(
            reason("X 0 X", { DatapointsToAlarm: 2 }),
            "Threshold Crossed: 2 out of the last 3 datapoints [2.0 (26/11/26 12:02:00), 2.0 (26/11/26 12:00:00)] were greater than the threshold (0.0) (minimum 2 datapoints for OK -> ALARM transition).",
        );
        assert.equal(
            reason("- - -", { ...one, TreatMissingData: "notBreaching" }),
            "Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as [NonBreaching].",
        );
        assert.equal(
            reason("X - - - -", { DatapointsToAlarm: 3, TreatMissingData: "breaching" }),
            "Threshold Crossed: 1 out of the last 3 datapoints [2.0 (26/11/26 12:00:00)] was greater than the threshold (0.0) and 2 missing datapoints were treated as [Breaching] (minimum 3 datapoints for OK -> ALARM transition).",
        );
        assert.equal(reason("- - - - -"), "Insufficient Data: 3 datapoints were unknown.");
    });
});
