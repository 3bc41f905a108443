import { runUnderWay } from "../../components/runtime/start-run";
import type { Connection } from "../connection";
import { badInput } from "../exit";
import { sortlineCommand } from "../next-command";
import { asked, fittingDefinitions, trainingDefinitions, type WantedDefinition } from "./training-definition";

/**
 * The run of the program that is under way; of each definition the newest one counts.
 * @param wanted only runs of definitions that fit.
 * @throws CommandError exit code 2 where there is none, or where several definitions have one, with their names.
 */
export async function onlyRunUnderWay(connection: Connection, wanted: WantedDefinition): Promise<string> {
    const all = await trainingDefinitions(connection, await connection.exportStack());
    const definitions = fittingDefinitions(all, wanted);
    const found = await Promise.all(
        definitions.map(({ template }) => runUnderWay(connection.clients.sagemaker, template)),
    );
    const jobs = found.filter((job) => job !== undefined);
    const [only, ...others] = jobs;
    if (only !== undefined && others.length === 0) return only;
    const choice = asked(wanted);
    const of = choice.length === 0 ? "" : ` for ${choice.join(", ")}`;
    throw badInput(
        only === undefined
            ? `No run is under way${of}. Those that made a model: ${sortlineCommand(connection, "models")}`
            : `Several runs are under way${of}: ${jobs.join(", ")}. Say which: ${sortlineCommand(connection, "train --follow JOB")}`,
    );
}
