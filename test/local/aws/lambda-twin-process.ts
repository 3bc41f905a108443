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
    await lambda.operations.Invoke({ FunctionName: "patient" }, root);
    await lambda.operations.Invoke({ FunctionName: "busy", InvocationType: "Event", Payload: '"kept"' }, root);
    const busy = await until(() => lambda.processes("busy")[0]);
    process.stdout.write(`${JSON.stringify({ patient: lambda.processes("patient")[0], busy })}\n`);
}

void main(process.argv.slice(2));
