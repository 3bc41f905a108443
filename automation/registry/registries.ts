import type { StackExport } from "../../local/pulumi/index";
import { componentsOf, onlyComponent, outputOf } from "../deployment";
import { badInput } from "../exit";

/** A `ModelRegistry` of the program. */
export interface DeployedRegistry {
    /** Its name in the program. */
    readonly name: string;
    /** Name or ARN of its model package group. */
    readonly group: string;
}

/**
 * The registries of the deployed program, in its order; of several with the same group the first.
 * @throws CommandError where there is none.
 */
export function registriesOf(stack: StackExport): readonly DeployedRegistry[] {
    const components = componentsOf(stack, "ModelRegistry");
    const all = (components.length > 0 ? components : [onlyComponent(stack, "ModelRegistry")]).map((component) => ({
        name: component.name,
        group: outputOf(component, "modelPackageGroupName"),
    }));
    return all.filter(({ group }, position) => all.findIndex((each) => each.group === group) === position);
}

/**
 * The registries whose models are meant.
 * @param name one of the program's. @default all of them
 * @throws CommandError exit code 2, which lists those that there are.
 */
export function chosenRegistries(
    all: readonly DeployedRegistry[],
    name: string | undefined,
): readonly DeployedRegistry[] {
    if (name === undefined) return all;
    const found = all.filter((registry) => registry.name === name);
    if (found.length > 0) return found;
    throw badInput(
        `The program has no ModelRegistry "${name}". --registry must be one of ${all.map((each) => each.name).join(", ")}.`,
    );
}
