import { answerOf } from "../harness/child-process";

const script = `
    const { performance } = require("node:perf_hooks");
    const start = performance.now();
    require(process.argv[1]);
    console.log(performance.now() - start);
`;

/** Milliseconds that a fresh Node process takes to load a function's code, with the environment that Lambda gives it. */
export function coldImport(file: string, variables: Readonly<Record<string, string>>): Promise<number> {
    return answerOf<number>(["-e", script, file], {
        cwd: "/",
        environment: {
            AWS_REGION: "eu-central-1",
            AWS_DEFAULT_REGION: "eu-central-1",
            AWS_ACCESS_KEY_ID: "ASIAEXAMPLE",
            AWS_SECRET_ACCESS_KEY: "none",
            AWS_SESSION_TOKEN: "none",
            AWS_EXECUTION_ENV: "AWS_Lambda_nodejs22.x",
            AWS_LAMBDA_FUNCTION_NAME: "forward",
            AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "512",
            LANG: "en_US.UTF-8",
            TZ: ":UTC",
            ...variables,
        },
    });
}
