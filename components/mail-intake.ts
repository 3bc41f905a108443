import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { ArgumentCheck } from "./argument-check";
import { integer, listOf, type Rules, required, text } from "./argument-rules";
import type { EventStream } from "./event-stream";
import { callSite, type HasRunTimeSide, inline, type RunTimeSide, runTimeOnly, runTimeSide } from "./inline";
import { type FunctionTransform, type LambdaFunction, lambdaFunction, type PermittedFunction } from "./lambda-function";
import { isPackageFile, runtimeModule } from "./package-files";
import { privateBucket } from "./private-bucket";
import type { MailIntakeSettings } from "./runtime/mail-intake-adapter";
import { compileValidator } from "./schema";
import { receiveBySes } from "./ses-receipt";
import { isOptions, shown } from "./shown-value";
import type { StoredMail } from "./stored-mail";
import { keepsFailuresIn, streamRule, writesTo } from "./stream-access";
import { type Transform, transformOf } from "./transform";
import { afterReaders } from "./update-order";

export interface MailIntakeArgs {
    /** The stream that gets a pointer to each mail. */
    readonly into: EventStream<StoredMail>;
    /**
     * Addresses or domains whose mail SES delivers to the bucket; needs `ruleSet`.
     * @default none: mail comes in as objects under `inbox/`
     */
    readonly recipients?: readonly string[];
    /** Name of the account's active SES receipt rule set, to which a rule is added. @default none, as is an empty name */
    readonly ruleSet?: string;
    /** For how long raw mail is kept, in days: 1 to 3650. @default 90 */
    readonly retentionDays?: number;
    /**
     * Changes the arguments of children: with `bucket: { forceDestroy: true }`, `pulumi destroy` deletes the bucket with
     * the mail that is still in it. @default nothing is changed
     */
    readonly transform?: FunctionTransform & {
        readonly bucket?: Transform<aws.s3.BucketArgs>;
        readonly receiptRule?: Transform<aws.ses.ReceiptRuleArgs>;
    };
}

/** The folder of the bucket in which mail arrives. */
const PREFIX = "inbox/";
/** What SES takes as a recipient: `info@example.com`, `example.com`, `.example.com`. */
const RECIPIENT = /^([^\s@]+@)?\.?[^\s@.]+(\.[^\s@.]+)+$/;
/** An empty name is none. */
const RULE_SET = /^[A-Za-z0-9_-]{0,64}$/;
/** Holds a mail of 40 MB, and the copies that reading it makes. */
const MEMORY_MIB = 1024;
const TIMEOUT_SECONDS = 60;
const INVOKE_RETRIES = 2;
const INVOKE_MAX_AGE_SECONDS = 21_600;

const rules: Rules<MailIntakeArgs> = {
    into: required(streamRule),
    recipients: listOf(
        text("an address, a domain, or a dot and a domain for all below it", RECIPIENT),
        "a list of addresses and domains",
    ),
    ruleSet: text("a name of 1 to 64 letters, digits, hyphens and underscores", RULE_SET),
    retentionDays: integer({ from: 1, to: 3650, unit: "days" }),
    transform: transformOf<NonNullable<MailIntakeArgs["transform"]>>({
        function: true,
        role: true,
        logGroup: true,
        bucket: true,
        receiptRule: true,
    }),
};

/** Throws one error with all that is wrong with an intake. */
function checkIntake(name: string, args: MailIntakeArgs, resourceOptions: unknown, andOthers: boolean): void {
    const check = new ArgumentCheck("MailIntake", name);
    check.options<MailIntakeArgs>("args", args, rules, andOthers);
    const { recipients = [], ruleSet } = (isOptions(args) ? args : {}) as Partial<MailIntakeArgs>;
    const named = ruleSet !== undefined && ruleSet !== "";
    const received = !Array.isArray(recipients) || recipients.length > 0;
    if (received && !named) {
        check.add(
            "recipients are given without ruleSet; name the account's active receipt rule set, since SES has one " +
                "active rule set an account and region, which this stack must not replace",
        );
    }
    if (!received && named) {
        check.add(`ruleSet is ${shown(ruleSet)} without recipients; give the addresses or domains too`);
    }
    check.resourceOptions(resourceOptions);
    check.done();
}

/**
 * The front door: a private bucket for raw mail, and a function that puts a pointer to each new mail into a stream.
 * What cannot be a mail is kept in the stream's failure bucket, with the reason. Inside a handler, `read` fetches a mail.
 */
export class MailIntake extends pulumi.ComponentResource implements HasRunTimeSide {
    readonly bucketName: pulumi.Output<string>;
    /** Mail arrives as objects whose keys begin with this. */
    readonly prefix: string = PREFIX;
    /** The children. */
    readonly nodes: LambdaFunction & {
        readonly bucket: aws.s3.Bucket;
        readonly receiptRule: aws.ses.ReceiptRule | undefined;
    };
    readonly [runTimeSide]: RunTimeSide;
    readonly #name: string;

    /** @throws RunError with every argument that is out of range or missing. */
    constructor(name: string, args: MailIntakeArgs, options?: pulumi.ComponentResourceOptions) {
        checkIntake(name, args, options, new.target !== MailIntake);
        super("sortline:index:MailIntake", name, {}, options);
        const { into, retentionDays = 90, recipients = [], transform } = args;
        const ruleSet = args.ruleSet === "" ? undefined : args.ruleSet;
        this.#name = name;

        const child = { parent: this };
        const { bucket, settings } = privateBucket(`${name}-mail`, {
            parent: this,
            expireAfterDays: retentionDays,
            transform: transform?.bucket,
        });
        const account = aws.getCallerIdentityOutput({}, child).accountId;
        const lambda = this.#intakeFunction(name, args, bucket);
        new aws.lambda.FunctionEventInvokeConfig(
            `${name}-invoke`,
            {
                functionName: lambda.function.name,
                maximumRetryAttempts: INVOKE_RETRIES,
                maximumEventAgeInSeconds: INVOKE_MAX_AGE_SECONDS,
                destinationConfig: { onFailure: { destination: into.failureBucketArn } },
            },
            { parent: this, dependsOn: [lambda.policy] },
        );
        const permission = new aws.lambda.Permission(
            `${name}-permission`,
            {
                action: "lambda:InvokeFunction",
                function: lambda.function.name,
                principal: "s3.amazonaws.com",
                sourceAccount: account,
                sourceArn: bucket.arn,
            },
            child,
        );
        const notification = new aws.s3.BucketNotification(
            `${name}-notification`,
            {
                bucket: bucket.bucket,
                lambdaFunctions: [
                    {
                        lambdaFunctionArn: lambda.function.arn,
                        events: ["s3:ObjectCreated:*"],
                        filterPrefix: PREFIX,
                    },
                ],
            },
            { parent: this, dependsOn: [permission, ...settings] },
        );
        const receiptRule =
            ruleSet === undefined
                ? undefined
                : receiveBySes(name, {
                      parent: this,
                      bucket,
                      account,
                      prefix: PREFIX,
                      recipients,
                      ruleSet,
                      // Mail that comes in before the notification stands would lie there unseen.
                      dependsOn: [notification],
                      transform: transform?.receiptRule,
                  });

        const { permissions, ...nodes } = lambda;
        this.nodes = { ...nodes, bucket, receiptRule };
        this.bucketName = bucket.bucket;
        this[runTimeSide] = {
            module: runtimeModule("mail-bucket"),
            methods: {
                read: {
                    outputs: { bucketName: bucket.bucket },
                    statements: readsMail(bucket),
                },
            },
        };
        this.registerOutputs({
            bucketName: this.bucketName,
            prefix: this.prefix,
            functionName: lambda.function.name,
            logGroupName: lambda.logGroup.name,
            streamName: into.streamName,
            failureBucket: into.failureBucket,
            roleArn: lambda.role.arn,
            permissions,
        });
    }

    /** The raw mail under a key of the bucket. Rejects the record if the mail is no longer there. */
    read(_key: string): Promise<Uint8Array> {
        return runTimeOnly("MailIntake", this.#name, "read");
    }

    #intakeFunction(name: string, { into, transform }: MailIntakeArgs, bucket: aws.s3.Bucket): PermittedFunction {
        const { kind, schema, partitionBy } = into.definition;
        const settings: MailIntakeSettings = {
            stage: name,
            source: `/${pulumi.getProject()}/${name}`,
            into: kind,
        };
        // The adapter is the whole function: there is nothing for a callback to do.
        const code = inline(name, () => undefined, {
            adapter: runtimeModule("mail-intake-adapter"),
            settings: { ...settings },
            modules: { "sortline:output-schema": compileValidator(schema) },
            callbacks: partitionBy === undefined ? {} : { partitionBy },
        });
        const access = writesTo(into);
        return lambdaFunction(name, {
            parent: this,
            description: `Mail intake ${name} of ${pulumi.getProject()}`,
            code,
            location: callSite(isPackageFile),
            memory: MEMORY_MIB,
            timeout: TIMEOUT_SECONDS,
            environment: access.environment,
            statements: [...readsMail(bucket), ...access.statements, ...keepsFailuresIn(into.failureBucketArn)],
            transform,
            hooks: afterReaders(name, schema),
        });
    }
}

function readsMail(bucket: aws.s3.Bucket) {
    return [
        {
            actions: ["s3:GetObject"],
            resources: [bucket.arn.apply((arn) => `${arn}/${PREFIX}*`)],
            because: "reads mail",
        },
        // Without it a missing object looks like a missing permission.
        { actions: ["s3:ListBucket"], resources: [bucket.arn], because: "reads mail" },
    ];
}
