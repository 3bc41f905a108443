import { GetEventSourceMappingCommand } from "@aws-sdk/client-lambda";
import type { StackExport } from "../local/pulumi";
import type { Connection } from "./connection";
import { componentsOf, type DeployedComponent, outputOf } from "./deployment";
import { badInput, CommandError } from "./exit";
import { type Pipeline, sortlineCommand } from "./next-command";

/** A deployed stage, as far as failures and redrives need to know it. */
export interface Stage {
    readonly name: string;
    readonly functionName: string;
    readonly streamName: string;
    /** The bucket with the failures of the stream that it reads. */
    readonly failureBucket: string;
    readonly mappingId: string;
    readonly roleArn: string;
}

/** All stages, in the order of the program. */
export function stagesOf(stack: StackExport): Stage[] {
    return componentsOf(stack, "LambdaStage").map(asStage);
}

/** What is wrong with a stage's name, or undefined. @param pipeline that the stack is of, for what to do. */
export function stageProblem(stack: StackExport, name: string, pipeline: Pipeline): string | undefined {
    const names = componentsOf(stack, "LambdaStage").map((stage) => stage.name);
    if (names.includes(name)) return undefined;
    if (componentsOf(stack, "MailIntake").some((intake) => intake.name === name)) {
        return `"${name}" is a mail intake, which reads no stream. ${sortlineCommand(pipeline, "results")} lists the mails that failed there; send one again: ${sortlineCommand(pipeline, "send FILE")}`;
    }
    const those =
        names.length === 0
            ? `The program has none; deploy one: ${sortlineCommand(pipeline, "up")}`
            : `There are: ${names.join(", ")}.`;
    return `There is no stage "${name}". ${those}`;
}

/** @throws CommandError naming the stages that there are. */
export function stageNamed(stack: StackExport, name: string): Stage {
    const problem = stageProblem(stack, name, {});
    const found = componentsOf(stack, "LambdaStage").find((stage) => stage.name === name);
    if (problem !== undefined || found === undefined) throw badInput(problem ?? `There is no stage "${name}".`);
    return asStage(found);
}

function asStage(component: DeployedComponent): Stage {
    const output = (name: string) => outputOf(component, name);
    return {
        name: component.name,
        functionName: output("functionName"),
        streamName: output("streamName"),
        failureBucket: output("failureBucket"),
        mappingId: output("mappingId"),
        roleArn: output("roleArn"),
    };
}

/** How Lambda calls a stage, which a redrive does likewise. */
export interface StageCalls {
    /** Records a call at most. */
    readonly batchSize: number;
    readonly streamArn: string;
}

/** @throws CommandError for a stage with windows: what it keeps of a window would count a record twice. */
export async function callsOf(connection: Connection, stage: Stage): Promise<StageCalls> {
    const { lambda } = connection.clients;
    const mapping = await lambda.send(new GetEventSourceMappingCommand({ UUID: stage.mappingId }));
    if ((mapping.TumblingWindowInSeconds ?? 0) > 0) {
        throw new CommandError(
            `The stage "${stage.name}" has windows, and a record that comes after its window has ended belongs to none: it cannot be given to the stage again.`,
        );
    }
    if (mapping.BatchSize === undefined || mapping.EventSourceArn === undefined) {
        throw new CommandError(
            `Lambda does not say how it calls the stage "${stage.name}". Run: ${sortlineCommand(connection, "up")}`,
        );
    }
    return { batchSize: mapping.BatchSize, streamArn: mapping.EventSourceArn };
}
