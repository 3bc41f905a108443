/** Variables of jobs' environments by which the judge knows what they are. */
export const variables = {
    /** Of all jobs of one component. */
    prefix: "SORTLINE_JOB_PREFIX",
    /** Of a run: the address of its test set. */
    testSet: "SORTLINE_TEST_S3_URI",
    /** Of an evaluation: the job that made the model. */
    evaluatedJob: "SORTLINE_EVALUATED_JOB",
    /** Of an evaluation: the tuning job whose best trial that is. */
    tuningJob: "SORTLINE_TUNING_JOB",
    /** Of an evaluation: the ARN of the model package in service, with which it compares. */
    champion: "SORTLINE_CHAMPION_PACKAGE",
    /** Of an evaluation that does not compare with that one: why. */
    championLeftOut: "SORTLINE_CHAMPION_LEFT_OUT",
} as const;

/**
 * The hyperparameter by which the toolkit of SageMaker's PyTorch images starts a script itself
 * (sagemaker_pytorch_container/training.py).
 * @default the toolkit starts it by a shell
 */
export const NATIVE_LAUNCHER = "sagemaker_toolkit_native_launcher_enabled";
