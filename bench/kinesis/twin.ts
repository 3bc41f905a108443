// A twin in a process of its own, as for any other client: HOME. Prints its address and the key of root.
import { startTwin } from "../../local/twin";

async function main([home = ""]: readonly string[]): Promise<void> {
    const { file, close } = await startTwin({ home, project: home, ports: [0] });
    process.stdout.write(`${JSON.stringify({ address: file.address, token: file.token })}\n`);
    process.stdin.resume().once("end", () => void close());
}

void main(process.argv.slice(2));
