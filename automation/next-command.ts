import type { Connection } from "./connection";
import { argumentsFor, type RegisteredModel } from "./registry/models";
import { pinKey } from "./registry/pin";
import { shellWord } from "./shell-word";

/** The command that goes on with the same pipeline, as a person types it. @param rest what comes after its name. */
export function sortlineCommand({ stack }: Pick<Connection, "stack">, rest: string): string {
    return `npx sortline ${rest}${stackOption(stack)}`;
}

/** What brings a model into service, as a person types it: on a stack the pin and the deployment are Pulumi's. */
export function promotionCommands(connection: Pick<Connection, "stack">, model: RegisteredModel): string {
    const { stack } = connection;
    if (stack === undefined) return sortlineCommand(connection, `promote ${argumentsFor(model)}`);
    const approve = sortlineCommand(connection, `approve ${argumentsFor(model)}`);
    return [
        "",
        ...(model.approval === "Approved" ? [] : [approve]),
        `pulumi config set-all${stackOption(stack)} --path --plaintext ${shellWord(`${pinKey}.package=${model.arn}`)} --plaintext ${shellWord(`${pinKey}.artefact=${model.artefact}`)}`,
        `pulumi up${stackOption(stack)}`,
    ].join("\n  ");
}

function stackOption(stack: string | undefined): string {
    return stack === undefined ? "" : ` --stack ${shellWord(stack)}`;
}
