/** An environment variable that the component sets on its function. */
export function environmentVariable(name: string): string {
    const value = process.env[name];
    if (value === undefined) throw new Error(`The environment variable ${name} is not set; the deployment sets it.`);
    return value;
}
