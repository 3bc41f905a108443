const VARIABLES = ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"] as const;

export interface Endpoints {
    /** Gives the variables back the values that they had. */
    restore(): void;
}

/** Sets the environment variables by which AWS clients find services, and unsets the ones that are not named. */
export function leadTo(endpoints: { readonly [name in (typeof VARIABLES)[number]]?: string }): Endpoints {
    const before = Object.fromEntries(VARIABLES.map((name) => [name, process.env[name]]));
    const set = (values: Readonly<Record<string, string | undefined>>) => {
        for (const name of VARIABLES) {
            const value = values[name];
            if (value === undefined) delete process.env[name];
            else process.env[name] = value;
        }
    };
    set(endpoints);
    return { restore: () => set(before) };
}
