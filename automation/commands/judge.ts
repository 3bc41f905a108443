import { InvokeCommand } from "@aws-sdk/client-lambda";
import type { JobEvent } from "../../components/runtime/judge";
import type { Connection } from "../connection";
import { componentsOf, outputOf } from "../deployment";
import { badInput, jobFailed } from "../exit";
import { sortlineCommand } from "../next-command";
import { type Place, withPipeline } from "../place";
import { isUndecided, listModels } from "../registry/models";
import { printableLines } from "../terminal";
import { runReader } from "../training/run-state";
import { definitionOf } from "../training/training-definition";
import { trainModel } from "./train";

/**
 * Has the model of a run that has ended judged again: calls the program's judge as the run's own end did, and follows what
 * comes of it. What has been done already stays as it is.
 */
export async function judgeAgain(options: {
    readonly place: Place;
    readonly job: string;
    readonly json: boolean;
}): Promise<void> {
    await withPipeline(options.place, (connection) => callJudge(connection, options.job));
    await trainModel({ place: options.place, follow: options.job, json: options.json });
}

/**
 * Calls the judge with the event of a job's end, unless its model is registered and decided about.
 * @throws CommandError exit code 2 for what is no run of the program, or has no model (yet); 4 when the judge fails.
 */
export async function callJudge(connection: Connection, job: string): Promise<void> {
    const { clients } = connection;
    const next = (command: string) => sortlineCommand(connection, command);
    const stack = await connection.exportStack();
    const definition = definitionOf(stack, job);
    const run = await runReader(clients.sagemaker).read(job);
    if (definition === undefined || run === undefined) {
        throw badInput(`There is no training or tuning job "${job}" of this program. Its models: ${next("models")}`);
    }
    const isSearch = componentsOf(stack, "TuningJob").some(({ name }) => name === definition.name);
    if (run.partOf !== undefined) throw badInput(`${job} belongs to ${run.partOf}. Give that name instead.`);
    if (isSearch && run.kind === "training") {
        throw badInput(`${job} is no search, as those of "${definition.name}" are. Give a search's name instead.`);
    }
    if (run.state === "running") {
        throw badInput(
            `${job} has not ended yet, and is judged when it has. Follow it: ${next(`train --follow ${job}`)}`,
        );
    }
    if (run.best === undefined) {
        throw badInput(
            `${job} has no model that could be judged: ${printableLines(run.reason ?? "no trial reported its objective")}`,
        );
    }
    const models = await listModels(connection, {
        group: outputOf(definition, "modelPackageGroupName"),
        after: run.createdAt,
    });
    // For how long SageMaker knows a request that comes again, it does not say: later the model would be registered twice.
    const registered = models.find((model) => model.job === run.best && model.evaluation !== undefined);
    if (registered !== undefined && !isUndecided(registered)) return;
    const event: JobEvent = { detail: isSearch ? { HyperParameterTuningJobName: job } : { TrainingJobName: job } };
    const { FunctionError: failure, Payload } = await clients.lambda.send(
        new InvokeCommand({ FunctionName: outputOf(definition, "judgeFunction"), Payload: JSON.stringify(event) }),
    );
    if (failure === undefined) return;
    throw jobFailed(`The judge failed: ${printableLines(messageOf(Payload))}\nIts log: ${next("logs judge")}`);
}

function messageOf(payload: Uint8Array | undefined): string {
    const text = Buffer.from(payload ?? []).toString("utf8");
    const answer: unknown = text === "" ? {} : JSON.parse(text);
    if (typeof answer !== "object" || answer === null || !("errorMessage" in answer)) return text;
    return String(answer.errorMessage);
}
