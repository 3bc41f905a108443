// What a program is given in place of the component where its callbacks are to answer in place: its run-time side.
import { fetch, send } from "../depot-run-time";
import { output } from "../pulumi-in-place/pulumi";

export class Depot {
    readonly url: ReturnType<typeof output>;
    readonly send: ReturnType<typeof send>;
    readonly fetch: ReturnType<typeof fetch>;

    constructor(name: string) {
        const url = `d/${name}`;
        this.url = output(url);
        this.send = send({ url });
        this.fetch = fetch({ url, limit: "7" });
    }

    rename(name: string): string {
        return name;
    }
}
