import type { StackExport } from "../local/pulumi";
import { CommandError } from "./exit";

/** What a component of the program registered as its outputs. */
export interface DeployedComponent {
    /** Logical name in the program. */
    readonly name: string;
    readonly outputs: Readonly<Record<string, string>>;
}

/** The components that the commands know, by the class names of the package. */
export type ComponentClass =
    | "EventStream"
    | "LambdaStage"
    | "RecordIndex"
    | "WorkQueue"
    | "MailIntake"
    | "TrainingJob"
    | "TuningJob"
    | "ModelRegistry"
    | "ModelEndpoint";

/** What deploys the program, on the twin or on a stack. */
export const TO_DEPLOY = "npx sortline up (on a stack: pulumi up)";

/** Finds the components of a class in a deployed stack, in the order of the program. */
export function componentsOf(stack: StackExport, type: ComponentClass): DeployedComponent[] {
    return stack.resources
        .filter((resource) => resource.type === `sortline:index:${type}`)
        .map((resource) => ({ name: resource.name, outputs: texts(resource.outputs) }));
}

/**
 * The only component of a class.
 * @throws CommandError when there is none or more than one; the message says what the program needs.
 */
export function onlyComponent(stack: StackExport, type: ComponentClass): DeployedComponent {
    const found = componentsOf(stack, type);
    const [component] = found;
    if (component === undefined && stack.resources.length <= 1) {
        throw new CommandError(`Nothing is deployed yet. Wait for the deployment under way, or run: ${TO_DEPLOY}`);
    }
    if (component === undefined) {
        throw new CommandError(`The deployed program has no ${type}. Add one to it, then run: ${TO_DEPLOY}`);
    }
    if (found.length > 1) {
        throw new CommandError(
            `The deployed program has ${found.length} of ${type} (${found.map(({ name }) => name).join(", ")}); this command works with exactly one.`,
        );
    }
    return component;
}

/**
 * One output of a component.
 * @throws CommandError when it is missing: the deployment did not finish.
 */
export function outputOf(component: DeployedComponent, output: string): string {
    const value = component.outputs[output];
    if (value === undefined) {
        throw new CommandError(
            `"${component.name}" has no output "${output}" yet: the last deployment did not finish. Run: ${TO_DEPLOY}`,
        );
    }
    return value;
}

/** The AWS resources of a type that are deployed, for example `aws:sagemaker/model:Model`. */
export function resourcesOf(stack: StackExport, type: string): StackExport["resources"][number][] {
    return stack.resources.filter((resource) => resource.type === type);
}

function texts(outputs: Readonly<Record<string, unknown>>): Record<string, string> {
    return Object.fromEntries(
        Object.entries(outputs).flatMap(([key, value]) => (typeof value === "string" ? [[key, value]] : [])),
    );
}
