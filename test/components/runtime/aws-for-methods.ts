import { type Answer, type AwsServer, awsServer, type Call } from "../aws-server";

/** The methods make their clients from the environment, as inside a function. */
const VARIABLES = ["AWS_ENDPOINT_URL", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] as const;

/** What stands for AWS where run-time methods look for it. */
export interface AwsForMethods {
    /** How it answers: with nothing, unless a test says otherwise. */
    answer: (call: Call) => Answer;
    calls(): readonly Call[];
    address(): string;
}

/** Registers mocha's hooks for it. */
export function awsForMethods(): AwsForMethods {
    let server: AwsServer;
    const earlier = VARIABLES.map((name) => process.env[name]);
    const nothing = () => ({});
    const aws: AwsForMethods = { answer: nothing, calls: () => server.calls, address: () => server.address };

    before(async () => {
        server = await awsServer("http1", (call) => aws.answer(call));
        const values = [server.address, "eu-central-1", "test", "test"];
        VARIABLES.forEach((name, index) => {
            process.env[name] = values[index];
        });
    });
    after(async () => {
        VARIABLES.forEach((name, index) => {
            const value = earlier[index];
            if (value === undefined) delete process.env[name];
            else process.env[name] = value;
        });
        await server.close();
    });
    beforeEach(() => {
        server.calls.length = 0;
        aws.answer = nothing;
    });
    return aws;
}
