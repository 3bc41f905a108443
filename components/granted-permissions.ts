import { relative, sep } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { Grant, Location, PolicyStatement } from "./inline";

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

/** One secret ARN would make the whole list secret. */
async function withoutSecrets(statements: readonly (PolicyStatement | Grant)[]): Promise<(PolicyStatement | Grant)[]> {
    const shown = async (resource: pulumi.Input<string>) =>
        (await pulumi.isSecret(pulumi.output(resource))) ? "[secret]" : resource;
    return Promise.all(
        statements.map(async (each) => ({ ...each, resources: await Promise.all(each.resources.map(shown)) })),
    );
}

/**
 * Tells what is granted.
 * @param statements all statements of the role; those that are no grants are the component's own.
 * @param location what the component's own are shown at: where it stands in the program.
 */
export function grantedPermissions(
    statements: pulumi.Output<readonly (PolicyStatement | Grant)[]>,
    location: Location | undefined,
): pulumi.Output<readonly GrantedPermission[]> {
    return pulumi.output(statements.apply(withoutSecrets)).apply((all) =>
        all
            .filter(({ actions }) => actions.length > 0)
            .map((statement) => {
                const { actions, resources, because = "the stage's permissions" } = statement;
                const own = location === undefined ? [] : [location];
                const places = "at" in statement ? (statement.at as readonly Location[]) : own;
                return {
                    actions: [...actions],
                    resources: [...resources],
                    because,
                    at: places.map(shownLocation),
                };
            }),
    );
}
