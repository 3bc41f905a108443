import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { HYPERPARAMETERS, type Hyperparameter } from "../../components/training/hyperparameter";
import { METRICS } from "../../components/training-algorithm";

const training = path.join(__dirname, "..", "..", "training");

/** A table of the Python code: name, and what stands beside it. */
function table(source: string, name: string): Map<string, readonly string[]> {
    const body =
        new RegExp(`^${name}: .* = \\{\\n([\\s\\S]*?)^\\}`, "m").exec(source)?.[1] ?? assert.fail(`no ${name}`);
    const rows = [...body.matchAll(/^ {4}"(\w+)": \((.*)\),$/gm)];
    return new Map(rows.map(([, key = "", values = ""]) => [key.replaceAll("_", "-"), values.split(/,\s*/)]));
}

/** A number as Python has it. */
function number(text: string): number {
    const [, base, power, less] = /^(\d+)\*\*(\d+) - (\d+)$/.exec(text) ?? [];
    return base === undefined ? Number(text.replaceAll("_", "")) : Number(base) ** Number(power) - Number(less);
}

describe("the hyperparameters that components check", () => {
    /** What a settings file of the training code takes. */
    function taken(file: string): Readonly<Record<string, Hyperparameter>> {
        const code = (name: string) => fs.readFileSync(path.join(training, "sortline_training", name), "utf8");
        // A range that several programs have stands beside what it is for.
        const precisions = /^PRECISIONS = (\(.*\))$/m.exec(code("calibration.py"))?.[1] ?? assert.fail("no PRECISIONS");
        const settings = code(file).replace('"precision": PRECISIONS,', `"precision": ${precisions},`);
        const fields = /^class \w*Settings:\n([\s\S]*?)^(?: {4}def |_RANGES)/m.exec(settings)?.[1] ?? "";
        const ranges = table(settings, "_RANGES");
        const choices = table(settings, "_CHOICES");
        const kinds = [...fields.matchAll(/^ {4}(\w+): (\w+)(?:\[.*\])? = /gm)];
        return Object.fromEntries(
            kinds.map(([, field = "", kind]): [string, Hyperparameter] => {
                const name = field.replaceAll("_", "-");
                if (kind === "bool") return [name, { kind: "flag" }];
                const values = choices.get(name)?.map((each) => each.replaceAll('"', ""));
                if (values !== undefined) return [name, { kind: "choice", values }];
                const [from = Number.NaN, to = Number.NaN] = (ranges.get(name) ?? []).map(number);
                return [name, { kind: kind === "int" ? "integer" : "number", from, to }];
            }),
        );
    }

    it("are those of the training code, with its ranges and choices", () => {
        assert.deepEqual(HYPERPARAMETERS.bert, taken(path.join("bert", "settings.py")));
        assert.deepEqual(HYPERPARAMETERS.linear, taken("linear_settings.py"));
    });

    it("go by metrics that the training code prints", () => {
        const files = [
            "train.py",
            "sortline_training/outcome.py",
            "sortline_training/bert/job.py",
            "sortline_training/bert/training.py",
        ];
        const printed = files
            .flatMap((file) => [
                ...fs.readFileSync(path.join(training, file), "utf8").matchAll(/log_metric\("([^"]+)"/g),
            ])
            .map(([, name]) => name);
        for (const name of Object.values(METRICS).flat()) assert.ok(printed.includes(name), name);
    });
});
