// A twin in a process of its own: prints its address, and ends with its input.
//   twin-process.ts HOME PROJECT empty|deployed
import { componentsOf, outputOf } from "../../automation/deployment";
import { startTwin } from "../../local/twin";

async function main(): Promise<void> {
    const [home = "", project = "", state] = process.argv.slice(2);
    const twin = await startTwin({ home, project, ports: [0] });
    if (state === "deployed") await twin.stack.up(() => undefined);
    const streams = componentsOf(twin.stack.export(), "EventStream");
    const told = {
        endpoint: twin.file.address,
        accessKeyId: twin.file.token,
        streams: Object.fromEntries(streams.map((stream) => [stream.name, outputOf(stream, "streamName")])),
    };
    process.stdout.write(`${JSON.stringify(told)}\n`);
    process.stdin.resume().once("end", () => void twin.close());
}

void main();
