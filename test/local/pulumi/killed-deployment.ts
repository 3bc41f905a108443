// Deploys the program "failing" in a folder and dies by kill -9 just before or just after the stream is created.

import { startEngine, withOperation } from "./engine";

async function main(folder: string, moment: string): Promise<void> {
    const engine = await startEngine(folder);
    const { CreateStream } = engine.services.kinesis.operations;
    const services = withOperation(engine.services, "kinesis", {
        CreateStream: async (input, caller) => {
            if (moment === "after") await CreateStream(input, caller);
            process.kill(process.pid, "SIGKILL");
            return {};
        },
    });
    await engine.deploy("failing", {}, services);
}

main(process.argv[2] ?? "", process.argv[3] ?? "");
