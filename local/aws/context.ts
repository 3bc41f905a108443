import type { Clock } from "./clock";
import type { Faults } from "./faults";
import type { Iam } from "./iam";
import type { Services } from "./services";
import type { Store } from "./store";

/** Something that the twin says to the person who runs it. Never contains the text of messages, nor secrets. */
export interface Report {
    readonly level: "info" | "warning" | "error";
    /** Which part says it, for example `kinesis`. */
    readonly source: string;
    readonly message: string;
}

/** `fast` keeps nobody waiting; `aws` keeps the intervals and quotas of AWS. */
export type Pace = "fast" | "aws";

/** What each service of the twin is made with. */
export interface TwinContext {
    readonly store: Store;
    readonly iam: Iam;
    readonly clock: Clock;
    readonly pace: Pace;
    readonly faults: Faults;
    /** `http://127.0.0.1:PORT`, once the server listens. */
    address(): string;
    /** All services. To be called when a request is served, not while services are being made. */
    services(): Services;
    report(event: Report): void;
}
