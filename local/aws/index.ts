import { createCloudWatch } from "./cloudwatch";
import type { TwinContext } from "./context";
import { createDynamoDb } from "./dynamodb";
import { createEvents } from "./events";
import { createKinesis } from "./kinesis";
import { createLambda } from "./lambda";
import { createLogs } from "./logs";
import { createS3 } from "./s3";
import { createSageMaker } from "./sagemaker";
import type { Services } from "./services";
import { createSns } from "./sns";
import { createSqs } from "./sqs";
import { createSsm } from "./ssm";
import { createSts } from "./sts";

/** Makes all services of a twin. */
export async function createServices(context: TwinContext): Promise<Services> {
    return {
        iam: context.iam,
        cloudwatch: createCloudWatch(context),
        kinesis: createKinesis(context),
        s3: createS3(context),
        sqs: createSqs(context),
        sns: createSns(context),
        dynamodb: await createDynamoDb(context),
        logs: createLogs(context),
        events: createEvents(context),
        lambda: createLambda(context),
        sagemaker: createSageMaker(context),
        ssm: createSsm(context),
        sts: createSts(context),
    };
}
