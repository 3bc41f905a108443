import { type Connection, connectTo, runningTwin } from "../connection";
import { checkTrainable, type Dataset, labelCounts, readDataset, splitByHash } from "../dataset";
import { badInput } from "../exit";
import { download, train } from "../training";
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
    await withConnection(options.home, say, async (connection) => {
        const { registered, ...result } = await train(connection, data, { onLine: (line) => say(`  ${line}`) });
        if (options.output !== undefined) {
            for (const file of await download(connection, result, options.output)) say(`Saved ${file}`);
        }
        if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
        else {
            say(
                `Model ${registered.version}: accuracy ${result.accuracy.toFixed(3)}, macro-F1 ${result.macro_f1.toFixed(3)}, in ${result.seconds} s.`,
            );
            say(`It waits for approval. Bring it into service: npx sortline promote ${registered.version}`);
        }
    });
}

function prepare(options: TrainOptions, say: (line: string) => void) {
    const data = readDataset(options.data);
    tell(options.data, data, say);
    checkTrainable(options.data, data.examples);
    if (options.test === undefined) return splitByHash(data.examples);
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

async function withConnection(
    home: string,
    say: (line: string) => void,
    work: (connection: Connection) => Promise<void>,
): Promise<void> {
    const running = runningTwin(home);
    if (running === undefined) return withTwin(home, say, work);
    const connection = connectTo(running);
    try {
        await work(connection);
    } finally {
        connection.close();
    }
}
