import type { ServiceResources } from "../provider/resource-type";
import { appautoscaling } from "./appautoscaling";
import { cloudwatch } from "./cloudwatch";
import { dynamodb } from "./dynamodb";
import { iam } from "./iam";
import { identity } from "./identity";
import { kinesis } from "./kinesis";
import { kms } from "./kms";
import { lambda } from "./lambda";
import { s3 } from "./s3";
import { sagemaker } from "./sagemaker";
import { ses } from "./ses";
import { sns } from "./sns";
import { sqs } from "./sqs";
import { ssm } from "./ssm";

/** All resource types and functions that the twin has. */
export const serviceResources: readonly ServiceResources[] = [
    identity,
    kinesis,
    lambda,
    iam,
    s3,
    sqs,
    sns,
    ssm,
    dynamodb,
    cloudwatch,
    sagemaker,
    appautoscaling,
    ses,
    kms,
];
