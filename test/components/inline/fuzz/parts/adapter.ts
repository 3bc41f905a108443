type Callback = (input: unknown) => unknown;

/** Hands the input to the callback that is asked for, and its answer back as it is. */
export const adapt =
    (callback: Callback, _settings: unknown, callbacks: Readonly<Record<string, Callback>>) =>
    async ({ callback: name, input }: { readonly callback?: string; readonly input: unknown }) =>
        name === undefined ? callback(input) : callbacks[name]?.(input);
