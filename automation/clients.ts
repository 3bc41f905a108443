import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import { SageMakerClient } from "@aws-sdk/client-sagemaker";

/** SDK clients, made when first used: loading one takes tens of milliseconds. */
export interface Clients {
    readonly s3: S3Client;
    readonly kinesis: KinesisClient;
    readonly lambda: LambdaClient;
    readonly dynamodb: DynamoDBClient;
    readonly sagemaker: SageMakerClient;
    readonly logs: CloudWatchLogsClient;
}

/** What clients of all services are made with; what is left out, the SDK finds as it does everywhere. */
export type ClientOptions = Pick<S3ClientConfig, "region" | "endpoint" | "credentials" | "profile" | "maxAttempts">;

/** @param s3 what only S3's client takes. */
export function createClients(
    options: ClientOptions,
    s3: Pick<S3ClientConfig, "forcePathStyle" | "followRegionRedirects">,
): { readonly clients: Clients; close(): void } {
    const made = new Map<string, { destroy(): void }>();
    const lazily = <Client extends { destroy(): void }>(name: string, make: () => Client): Client => {
        const client = (made.get(name) as Client | undefined) ?? make();
        made.set(name, client);
        return client;
    };
    const clients: Clients = {
        get s3() {
            return lazily("s3", () => new S3Client({ ...options, ...s3 }));
        },
        get kinesis() {
            return lazily("kinesis", () => new KinesisClient(options));
        },
        get lambda() {
            return lazily("lambda", () => new LambdaClient(options));
        },
        get dynamodb() {
            return lazily("dynamodb", () => new DynamoDBClient(options));
        },
        get sagemaker() {
            return lazily("sagemaker", () => new SageMakerClient(options));
        },
        get logs() {
            return lazily("logs", () => new CloudWatchLogsClient(options));
        },
    };
    return {
        clients,
        close: () => {
            for (const client of made.values()) client.destroy();
        },
    };
}
