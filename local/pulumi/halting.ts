import { status } from "@grpc/grpc-js";
import { StatusError } from "./grpc-service";

/** The operations on resources that are under way, and how they come to a halt. */
export interface Halting {
    /**
     * Answers a request about a resource. From the first failure on, only `check` is done, and the program waits until
     * all that is under way has ended; then it hears that the monitor is gone, upon which it exits quietly.
     */
    operate<T>(work: () => Promise<T>, check: () => Promise<unknown>): Promise<T>;
    /** A resource has failed. */
    readonly halted: boolean;
    /** Resolves when no operation is under way. */
    idle(): Promise<void>;
    /** Lets those go that wait for the halt. */
    close(): void;
}

/** Registrations that come this long after the first failure are still checked, so that all that is wrong is told at once. */
const graceMilliseconds = 100;

/**
 * @param failures Gets what went wrong, each message once.
 * @param onStop Called when a resource has failed and the program has been told to end.
 */
export function createHalting(failures: string[], onStop: () => void): Halting {
    const held: (() => void)[] = [];
    const whenIdle: (() => void)[] = [];
    let underWay = 0;
    let halted = false;
    let grace: NodeJS.Timeout | undefined;

    function release(): void {
        for (const resolve of held.splice(0)) resolve();
    }

    function stop(): void {
        release();
        onStop();
    }

    return {
        async operate(work, check) {
            underWay++;
            clearTimeout(grace);
            try {
                if (!halted) return await work();
                await check();
            } catch (error) {
                halted = true;
                const { message } = error as Error;
                if (!failures.includes(message)) failures.push(message);
            } finally {
                underWay--;
                if (halted && underWay === 0) grace = setTimeout(stop, graceMilliseconds);
                if (underWay === 0) for (const resolve of whenIdle.splice(0)) resolve();
            }
            await new Promise<void>((resolve) => held.push(resolve));
            throw new StatusError(status.UNAVAILABLE, "A resource failed; the deployment stops.");
        },
        get halted() {
            return halted;
        },
        async idle() {
            if (underWay > 0) await new Promise<void>((resolve) => whenIdle.push(resolve));
        },
        close() {
            clearTimeout(grace);
            release();
        },
    };
}
