import { relative, resolve, sep } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { Grant, Location, PolicyStatement } from "./inline";
import { componentsFolders } from "./package-files";

/** What a function may do and why, as its component tells it: `sortline permissions` shows it. */
export interface GrantedPermission {
    readonly actions: readonly string[];
    readonly resources: readonly string[];
    readonly because: string;
    /** Where the program needs it: `index.ts:65:5`, from the project's folder. */
    readonly at: readonly string[];
}

/** A place as people of the project know it. */
export function shownLocation({ file, line, column }: Location): string {
    return `${relative(process.cwd(), file).split(sep).join("/")}:${line}:${column}`;
}

/** True for code that this package brings along. */
function isOurs({ file }: Location): boolean {
    return componentsFolders().some((folder) => resolve(file).startsWith(folder + sep));
}

/**
 * Tells what is granted.
 * @param statements all statements of the role; those that are no grants are the component's own.
 * @param location where the handler stands.
 */
export function grantedPermissions(
    statements: pulumi.Input<readonly pulumi.Input<PolicyStatement | Grant>[]>,
    location: Location,
): pulumi.Output<readonly GrantedPermission[]> {
    return pulumi.output(statements).apply((all) =>
        all
            .filter(({ actions }) => actions.length > 0)
            .map((statement) => {
                const { actions, resources, because = "the stage's permissions" } = statement;
                const places = "at" in statement ? (statement.at as readonly Location[]) : [location];
                return {
                    actions: [...actions],
                    resources: [...resources],
                    because,
                    at: places.filter((each) => !isOurs(each)).map(shownLocation),
                };
            }),
    );
}
