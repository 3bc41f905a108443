import * as pulumi from "@pulumi/pulumi";

type Callback = (...given: never[]) => unknown;

/** Takes what a program passes to its stages; the process that loads the program sets it. */
export type TakeStage = (name: string, callback: Callback, others: Readonly<Record<string, Callback>>) => void;

/** Takes callbacks, as a stream does. */
export class Line extends pulumi.ComponentResource {
    constructor(name: string) {
        super("test:index:Line", name);
    }

    stage(name: string, callback: Callback, others: Readonly<Record<string, Callback>> = {}): void {
        const { takeStage } = globalThis as { takeStage?: TakeStage };
        if (!takeStage) throw new Error("nobody takes the stages of this program");
        takeStage(name, callback, others);
    }

    /** What a deployment would do with a value. */
    use(value: unknown): unknown {
        return value;
    }
}
