"use strict";
// A twin in a process of its own, as it is built for users: prints its address, and ends with its input.
//   twin-process.js HOME PROJECT empty|deployed
const { componentsOf, outputOf } = require("../../dist/automation/deployment.js");
const { startTwin } = require("../../dist/local/twin.js");

async function main() {
    const [home, project, state] = process.argv.slice(2);
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
