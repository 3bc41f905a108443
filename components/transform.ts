import { options, type Rule, type Rules, value } from "./argument-rules";
import { isOptions } from "./shown-value";

/** Changes what a component passes to one of its children: replaces single arguments, or computes all of them. */
export type Transform<Args> = Partial<Args> | ((args: Args) => Args);

/** A child's arguments after the user's transform. */
export function transformed<Args extends object>(args: Args, transform: Transform<Args> | undefined): Args {
    if (transform === undefined) return args;
    return typeof transform === "function" ? transform(args) : { ...args, ...transform };
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
