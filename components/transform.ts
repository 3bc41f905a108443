import * as pulumi from "@pulumi/pulumi";
import { options, type Rule, type Rules, value } from "./argument-rules";
import { isOptions, shown } from "./shown-value";

/** Changes what a component passes to one of its children: replaces single arguments, or computes all of them. */
export type Transform<Args> = Partial<Args> | ((args: Args) => Args);

/** A child's arguments after the user's transform. */
export function transformed<Args extends object>(args: Args, transform: Transform<Args> | undefined): Args {
    if (transform === undefined) return args;
    if (typeof transform !== "function") return { ...args, ...transform };
    const changed: unknown = transform(args);
    if (!isOptions(changed)) {
        const what = "it must return the child's arguments, changed or not";
        throw new pulumi.RunError(`The transform ${excerpt(transform)} returned ${shown(changed)}; ${what}.`);
    }
    return changed as Args;
}

/** The beginning of a function as the program has it: by that people find it. */
function excerpt(transform: (args: never) => unknown): string {
    const text = String(transform).replace(/\s+/g, " ");
    return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

const ofOneChild = value(
    "an object with the child's arguments, or a function of them",
    (given) => typeof given === "function" || isOptions(given),
);

/** What a component's `transform` may be: of these children, or by a rule of its own where one consists of several. */
export function transformOf<Transforms>(
    children: {
        readonly [Child in keyof Required<Transforms>]: true | Rule;
    },
): Rule {
    const given: Readonly<Record<string, true | Rule>> = children;
    const rules = Object.entries(given).map(([name, rule]) => [name, rule === true ? ofOneChild : rule]);
    return options<Transforms>(Object.fromEntries(rules) as Rules<Transforms>);
}
