import type { TwinContext } from "../context";

/** Largest message (bytes in the worst case) that CloudWatch Logs takes, less its overhead. */
const longest = 60_000;

/** Collects lines and hands them to CloudWatch Logs a moment later, in one go. */
export class LogStream {
    #pending: { timestamp: number; message: string }[] = [];
    #written: Promise<void> = Promise.resolve();

    constructor(
        private readonly context: TwinContext,
        readonly group: string,
        readonly stream: string,
    ) {}

    write(line: string): void {
        if (line === "") return;
        if (this.#pending.length === 0) setImmediate(() => void this.flush());
        for (let start = 0; start < line.length; start += longest) {
            this.#pending.push({ timestamp: Date.now(), message: line.slice(start, start + longest) });
        }
    }

    /** Hands over what is pending; resolves once all that was written is on disk. */
    flush(): Promise<void> {
        const events = this.#pending;
        this.#pending = [];
        if (events.length > 0) {
            const written = this.context.services().logs.append(this.group, this.stream, events);
            this.#written = Promise.all([this.#written, written]).then(
                () => undefined,
                (error: Error) => {
                    const message = `Lines of ${this.group}/${this.stream} are lost: ${error.message}`;
                    this.context.report({ level: "error", source: "sagemaker", message });
                },
            );
        }
        return this.#written;
    }
}
