import type { TakeStage } from "../deploying/line";

/** Takes callbacks, as a stream does. */
export class Line {
    readonly stage: TakeStage = (name, callback, others = {}) => {
        const { takeStage } = globalThis as { takeStage?: TakeStage };
        if (!takeStage) throw new Error("nobody takes the stages of this program");
        takeStage(name, callback, others);
    };

    use(value: unknown): unknown {
        return value;
    }
}
