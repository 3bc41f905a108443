import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { type PolicyStatement, type RunTimeSide, runTimeOnly, runTimeSide } from "../../../../../../components/inline";

/** A component with a run-time side. */
export class Depot extends pulumi.ComponentResource {
    readonly url: pulumi.Output<string>;
    readonly [runTimeSide]: RunTimeSide;

    constructor(private readonly name: string) {
        super("test:index:Depot", name);
        this.url = pulumi.output(`d/${name}`);
        const statements: PolicyStatement[] = [{ actions: ["depot:Send"], resources: [`arn:depot:${name}`] }];
        this[runTimeSide] = {
            module: resolve(__dirname, "..", "depot-run-time.ts"),
            methods: {
                send: { outputs: { url: this.url }, statements },
                fetch: { outputs: { url: this.url, limit: "7" }, statements },
            },
        };
        this.registerOutputs({ url: this.url });
    }

    async send(_parcel: unknown): Promise<string> {
        return runTimeOnly("Depot", this.name, "send");
    }

    async fetch(_parcel: unknown): Promise<string> {
        return runTimeOnly("Depot", this.name, "fetch");
    }

    rename(name: string): string {
        return name;
    }
}
