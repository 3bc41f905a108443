import type { TwinContext } from "../../context";
import type { Tags } from "../tags";
import { createGroups, type GroupOperations, type Groups } from "./groups";
import { createPackages, type PackageOperations, type Packages } from "./packages";

export type RegistryOperations = GroupOperations & PackageOperations;

export interface Registry extends Pick<Packages, "require"> {
    readonly operations: RegistryOperations;
}

/** The model registry: groups of model packages, whose versions are approved or rejected. */
export function createRegistry(context: TwinContext, tags: Tags): Registry {
    const packages = createPackages(context, tags, () => groups);
    const groups: Groups = createGroups(context, tags, packages.isEmpty);
    return { operations: { ...groups.operations, ...packages.operations }, require: packages.require };
}
