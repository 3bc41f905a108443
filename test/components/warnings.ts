/** What Pulumi warns of while some work is done, without the prefix that it has outside of a deployment. */
export async function warnings(work: () => Promise<void>): Promise<string[]> {
    const told: string[] = [];
    const { warn } = console;
    console.warn = (text: string) => void told.push(text.replace(/^warning: \[runtime\] /, ""));
    try {
        await work();
    } finally {
        console.warn = warn;
    }
    return told;
}
