/** Makes a value when it is first asked for, once: what a cold start does not need does not delay it. */
export function lazy<T>(make: () => T): () => T {
    let made: { readonly value: T } | undefined;
    return () => {
        made ??= { value: make() };
        return made.value;
    };
}
