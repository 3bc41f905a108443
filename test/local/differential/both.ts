// The same SDK calls to the twin and to moto's server, and what they answered compared.

import assert from "node:assert/strict";
import { type ClientOptions, startTwinUnderTest, type TwinUnderTest } from "../twin-under-test";
import { Comparison, type Differences } from "./comparison";
import { type MotoServer, startMotoServer } from "./moto-server";
import { createRecorder, type Recorder } from "./transcript";

/** A part of an SDK client that the comparison needs. */
interface Client {
    readonly middlewareStack: {
        add(middleware: never, options: { step: "deserialize"; name: string; priority: "high" }): void;
    };
    destroy(): void;
}

export interface Scenario<Clients> {
    readonly name: string;
    run(clients: Clients, recorder: Recorder): Promise<void>;
}

/** Declares the tests of one service: a scenario each, and one for the list of differences itself. */
export function compareScenarios<Clients extends Readonly<Record<string, Client>>>(
    title: string,
    makeClients: (options: ClientOptions) => Clients,
    scenarios: readonly Scenario<Clients>[],
    differences: Differences,
): void {
    describe(title, () => {
        const comparison = new Comparison(differences);
        let twin: TwinUnderTest;
        let moto: MotoServer;

        before(async function () {
            // The first time, moto is installed.
            this.timeout(600_000);
            [twin, moto] = await Promise.all([startTwinUnderTest(), startMotoServer()]);
        });
        after(() => Promise.all([twin?.close(), moto?.stop()]));

        async function transcript(options: ClientOptions, scenario: Scenario<Clients>) {
            const clients = makeClients(options);
            for (const client of Object.values(clients)) keepHeaders(client);
            const recorder = createRecorder();
            try {
                await scenario.run(clients, recorder);
            } finally {
                for (const client of Object.values(clients)) client.destroy();
            }
            return recorder.transcript;
        }

        let calls = 0;
        for (const scenario of scenarios) {
            it(scenario.name, async () => {
                const [here, there] = await Promise.all([
                    transcript(twin.client, scenario),
                    transcript(moto.client, scenario),
                ]);
                calls += here.size;
                comparison.compare(scenario.name, here, there);
            });
        }

        it("has listed no difference that is none", () => {
            assert.ok(calls > 0);
            assert.deepEqual(comparison.stale(), []);
        });
    });
}

/** Lets the answer's headers be seen beside the output. */
function keepHeaders(client: Client): void {
    const middleware = (next: (request: unknown) => Promise<unknown>) => async (request: unknown) => {
        const result = (await next(request)) as {
            response: { headers: object };
            output: { $metadata: Record<string, unknown> };
        };
        result.output.$metadata.headers = result.response.headers;
        return result;
    };
    client.middlewareStack.add(middleware as never, { step: "deserialize", name: "keepHeaders", priority: "high" });
}
