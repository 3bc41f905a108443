/** Changes what a component passes to one of its children: replaces single arguments, or computes all of them. */
export type Transform<Args> = Partial<Args> | ((args: Args) => Args);

/** A child's arguments after the user's transform. */
export function transformed<Args extends object>(args: Args, transform: Transform<Args> | undefined): Args {
    if (transform === undefined) return args;
    return typeof transform === "function" ? transform(args) : { ...args, ...transform };
}
