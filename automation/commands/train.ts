import * as fs from "node:fs";
import { type Connection, runningTwin, withConnection } from "../connection";
import { checkTrainable, type Dataset, labelCounts, readDataset, splitByHash } from "../dataset";
import { badInput } from "../exit";
import { download, figuresLine, train } from "../training";
import { withTwin } from "../twin";

export interface TrainOptions {
    readonly home: string;
    readonly data: string;
    readonly test?: string;
    readonly output?: string;
    readonly json: boolean;
}

/** Trains a model on labelled examples. Where no twin is running, one runs for as long as this takes. */
export async function trainModel(options: TrainOptions): Promise<void> {
    // Standard output belongs to the result when that is JSON.
    const say = (line: string) => (options.json ? process.stderr : process.stdout).write(`${line}\n`);
    const data = prepare(options, say);
    if (options.output !== undefined) checkOutput(options.output);
    const work = async (connection: Connection) => {
        const { registered, ...result } = await train(connection, data, { onLine: (line) => say(`  ${line}`) });
        if (options.output !== undefined) {
            for (const file of await download(connection, result, options.output)) say(`Saved ${file}`);
        }
        if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
        else {
            say(figuresLine(registered, result));
            say(`It waits for approval. Bring it into service: npx sortline promote ${registered.version}`);
        }
    };
    if (runningTwin(options.home) === undefined) await withTwin(options.home, say, work);
    else await withConnection(options.home, work);
}

/** Said before the training, which takes minutes, rather than after it. */
function checkOutput(folder: string): void {
    try {
        fs.mkdirSync(folder, { recursive: true });
        fs.accessSync(folder, fs.constants.W_OK);
    } catch (error) {
        throw badInput(`--output ${folder} cannot be written: ${(error as Error).message}. Give a folder.`);
    }
}

function prepare(options: TrainOptions, say: (line: string) => void) {
    const data = readDataset(options.data);
    tell(options.data, data, say);
    checkTrainable(options.data, data.examples);
    if (options.test === undefined) {
        const split = splitByHash(data.examples);
        if (split.test.length > 0) return split;
        throw badInput(
            `${options.data} has too few examples (${data.examples.length}): none fell into the fifth by which the model would be judged. Add some, or give examples to judge by: --test CSV`,
        );
    }
    const test = readDataset(options.test);
    tell(options.test, test, say);
    if (test.examples.length === 0) throw badInput(`${options.test} has no example to test with.`);
    const learnt = labelCounts(data.examples);
    const unknown = [...labelCounts(test.examples).keys()].filter((label) => !learnt.has(label));
    if (unknown.length > 0)
        say(`${options.test} has labels that ${options.data} does not: ${unknown.join(", ")}. They count as mistakes.`);
    return { train: data.examples, test: test.examples };
}

function tell(file: string, { examples, emptied }: Dataset, say: (line: string) => void): void {
    const dropped = emptied === 0 ? "" : `; ${emptied} left out, since nothing of their text is left after cleaning`;
    say(`${file}: ${examples.length} examples of ${labelCounts(examples).size} labels${dropped}`);
}
