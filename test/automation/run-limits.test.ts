import assert from "node:assert/strict";
import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { CommandError } from "../../automation/exit";
import { runReader } from "../../automation/training/run-state";
import { checkTrainArguments } from "../../automation/training/train-options";
import { checkRun, type TrainingDefinition } from "../../automation/training/training-definition";
import { type AwsServer, awsServer, input } from "../components/aws-server";

function definition(strategy?: "Bayesian" | "Random" | "Grid"): TrainingDefinition {
    const tuning = { HyperParameterTuningJobConfig: { Strategy: strategy, ResourceLimits: {} } };
    const parts = { namePrefix: "a", outputPath: "s3://b/jobs" };
    return {
        component: { name: "sorter" },
        template: strategy === undefined ? { ...parts, training: {} } : { ...parts, tuning },
    } as TrainingDefinition;
}

const limits = (options: { jobs?: string; hours?: string }) =>
    checkTrainArguments({ data: ["labels.csv"], ...options }).limits;
const refused = (given: TrainingDefinition, options: { jobs?: string; hours?: string }, pattern: RegExp) =>
    assert.throws(
        () => checkRun(given, limits(options)),
        (error: unknown) => error instanceof CommandError && error.exitCode === 2 && pattern.test(error.message),
    );

describe("the limits of a run", () => {
    it("are as wide as those of the program's component", () => {
        checkRun(definition("Bayesian"), limits({ jobs: "750", hours: "720" }));
        checkRun(definition("Random"), limits({ jobs: "10000" }));
        checkRun(definition(), limits({ hours: "120" }));
        refused(definition("Bayesian"), { jobs: "751" }, /--jobs is 751; it must be a whole number from 1 to 750 /);
        refused(definition(), { hours: "121" }, /--hours is 121; it must be a number from 0\.05 to 120 /);
        refused(definition("Grid"), { jobs: "4" }, /leave it out .*Grid: it tries every combination/);
        assert.throws(() => limits({ jobs: "10001" }), /--jobs is "10001"/);
        assert.throws(() => limits({ hours: "721" }), /--hours is "721"/);
    });
});

describe("a job that belongs to a run", () => {
    let server: AwsServer;
    let sagemaker: SageMakerClient;
    const jobs: Record<string, object> = {
        run: { Environment: { SORTLINE_JOB_PREFIX: "a" } },
        "run-eval": { Environment: { SORTLINE_EVALUATED_JOB: "run" } },
        "search-eval": { Environment: { SORTLINE_EVALUATED_JOB: "search-001", SORTLINE_TUNING_JOB: "search" } },
        "search-001": { TuningJobArn: "arn:aws:sagemaker:eu-central-1:000000000000:hyper-parameter-tuning-job/search" },
    };
    before(async () => {
        server = await awsServer("http1", (call) => {
            const TrainingJobName = String(input(call).TrainingJobName);
            return { body: { TrainingJobName, TrainingJobStatus: "Completed", ...jobs[TrainingJobName] } };
        });
        const credentials = { accessKeyId: "test", secretAccessKey: "test" };
        sagemaker = new SageMakerClient({ endpoint: server.address, region: "eu-central-1", credentials });
    });
    after(async () => {
        sagemaker.destroy();
        await server.close();
    });

    it("tells which: of an evaluation the one whose model it judges, of a trial its search", async () => {
        const reader = runReader(sagemaker);
        const found: (string | undefined)[] = [];
        for (const name of Object.keys(jobs)) found.push((await reader.read(name))?.partOf);
        assert.deepEqual(found, [undefined, "run", "search", "search"]);
    });

    it("is not taken for missing where it cannot be asked for: what is not found may be one's own login", async () => {
        const loggedOut = new SageMakerClient({
            endpoint: server.address,
            region: "eu-central-1",
            credentials: async () => {
                const message = "The SSO session token associated with profile=team was not found or is invalid.";
                throw Object.assign(new Error(message), { name: "CredentialsProviderError" });
            },
        });
        await assert.rejects(runReader(loggedOut).read("run"), /SSO session token/);
        loggedOut.destroy();
    });
});
