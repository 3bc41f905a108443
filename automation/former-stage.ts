import type { StackExport } from "../local/pulumi";
import type { Connection } from "./connection";
import { componentsOf } from "./deployment";
import { badInput } from "./exit";
import type { FailingStage } from "./failed-records";
import { type FormerStage, formerStages } from "./failure-prefixes";
import { sortlineCommand } from "./next-command";
import { type Stage, stagesOf } from "./stages";

/**
 * The stage that is no longer there and whose failures another one is to be given: it read the same stream.
 * @throws CommandError exit code 2 that says where such failures are, or what there is.
 */
export async function formerStageFor(
    connection: Connection,
    stack: StackExport,
    stage: Stage,
    name: string,
): Promise<FailingStage> {
    const former = await formerStages(connection.clients.s3, stack);
    const found = former.find((each) => each.name === name && each.failureBucket === stage.failureBucket);
    if (found !== undefined) return found;
    throw badInput(whyNot(connection, stack, stage, name, former));
}

function whyNot(
    connection: Connection,
    stack: StackExport,
    stage: Stage,
    name: string,
    former: readonly FormerStage[],
): string {
    const stream = (bucket: string) =>
        componentsOf(stack, "EventStream").find(({ outputs }) => outputs.failureBucket === bucket)?.name ?? bucket;
    const own = stream(stage.failureBucket);
    const present = stagesOf(stack).find((each) => each.name === name);
    if (present?.failureBucket === stage.failureBucket) {
        return `--from-stage is "${name}", which is in the program and reads "${own}" itself: ${sortlineCommand(connection, `redrive ${name}`)}`;
    }
    const elsewhere = former.find((each) => each.name === name)?.stream;
    if (elsewhere !== undefined) {
        return `The failures of "${name}" are of the stream "${elsewhere}", and "${stage.name}" reads "${own}": give them to a stage of "${elsewhere}".`;
    }
    if (present !== undefined) {
        return `--from-stage is "${name}", which is in the program and reads the stream "${stream(present.failureBucket)}", not "${own}".`;
    }
    const names = former.filter((each) => each.failureBucket === stage.failureBucket).map((each) => each.name);
    const those = names.length === 0 ? "none that is no longer there" : names.join(", ");
    return `--from-stage is "${name}", of which there are no failures. The stream "${own}" has those of: ${those}.`;
}
