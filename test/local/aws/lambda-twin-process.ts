/** A twin in a process of its own, for tests that kill it: HOME FOLDER_OF_CODE. Says which processes it has started. */
import { root } from "../../../local/aws/service";
import { createRole, startLambdaTwin, until } from "./lambda-twin";

async function main([home = "", folder = ""]: readonly string[]): Promise<void> {
    const { lambda, ...twin } = await startLambdaTwin(home);
    const Role = await createRole({ lambda, ...twin }, "plain", []);
    for (const FunctionName of ["patient", "busy"]) {
        const Handler = `index.${FunctionName}`;
        await lambda.operations.CreateFunction(
            { FunctionName, Role, Runtime: "nodejs22.x", Handler, Code: { folder }, Timeout: 900 },
            root,
        );
    }
    for (const FunctionName of ["patient", "busy"]) {
        const Payload = JSON.stringify(FunctionName);
        await lambda.operations.Invoke({ FunctionName, InvocationType: "Event", Payload }, root);
    }
    const [patient, busy] = await until(() => {
        const pids = ["patient", "busy"].flatMap(lambda.processes);
        return pids.length === 2 && pids;
    });
    process.stdout.write(`${JSON.stringify({ patient, busy })}\n`);
}

void main(process.argv.slice(2));
