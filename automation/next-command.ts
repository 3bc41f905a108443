import { homeFolder } from "./home";
import { argumentsFor, type RegisteredModel } from "./registry/models";
import { pinKey } from "./registry/pin";
import { shellWord } from "./shell-word";

/** Which pipeline a command is to work on: a stack that Pulumi has deployed, else the twin of a home folder. */
export interface Pipeline {
    readonly stack?: string;
    /** @default the one that commands take by themselves */
    readonly home?: string;
}

/** The command that goes on with the same pipeline, as a person types it. @param rest what comes after its name. */
export function sortlineCommand({ stack, home }: Pipeline, rest: string): string {
    return `npx sortline ${rest}${stack === undefined ? homeOption(home) : stackOption(stack)}`;
}

/** What brings a model into service, as a person types it: on a stack the pin and the deployment are Pulumi's. */
export function promotionCommands(pipeline: Pipeline, model: RegisteredModel): string {
    const { stack } = pipeline;
    if (stack === undefined) return sortlineCommand(pipeline, `promote ${argumentsFor(model)}`);
    const approve = sortlineCommand(pipeline, `approve ${argumentsFor(model)}`);
    return [
        "",
        ...(model.approval === "Approved" ? [] : [approve]),
        `pulumi config set-all${stackOption(stack)} --path --plaintext ${shellWord(`${pinKey}.package=${model.arn}`)} --plaintext ${shellWord(`${pinKey}.artefact=${model.artefact}`)}`,
        `pulumi up${stackOption(stack)}`,
    ].join("\n  ");
}

function stackOption(stack: string): string {
    return ` --stack ${shellWord(stack)}`;
}

function homeOption(home: string | undefined): string {
    return home === undefined || isUsual(home) ? "" : ` --home ${shellWord(home)}`;
}

function isUsual(home: string): boolean {
    try {
        return homeFolder(undefined) === home;
    } catch {
        // Outside of a project no home is.
        return false;
    }
}
