import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { ArgumentCheck } from "./argument-check";
import { flag, type Rules, required } from "./argument-rules";
import { capacityRule, type EndpointCapacity } from "./capacity";
import { cleaningRule } from "./cleaning-rule";
import { decrypts, encryptionRule } from "./encryption";
import { autoscale } from "./endpoint-autoscaling";
import { type HasRunTimeSide, type PolicyStatement, type RunTimeSide, runTimeOnly, runTimeSide } from "./inline";
import { type ModelPin, type PinnedModel, pinOf, pinRule, servedArtefacts } from "./model-pin";
import { runtimeModule } from "./package-files";
import { policyDocument, trustPolicy } from "./policy";
import type { Prediction } from "./runtime/endpoint";
import { pullsImages } from "./sagemaker-image";
import { type Transform, transformed, transformOf } from "./transform";

export interface ModelEndpointArgs {
    /** The model in service. @default none: there is no endpoint, and `classify` answers undefined for each text */
    readonly model: PinnedModel;
    /** What the endpoint runs on: `serverless({ … })` or `instances({ … })`. */
    readonly capacity: EndpointCapacity;
    /** Version of the cleaning that texts went through; a model that was trained with another one refuses them. */
    readonly cleaning: string;
    /**
     * Refuses to delete the endpoint, so that a pin that got lost is an error and not an outage. Another kind of capacity
     * is another endpoint: deploy with `false` before changing it. @default true
     */
    readonly protect?: boolean;
    /** ARN of the KMS key that models are encrypted with, as their training's `encryption`. @default a key of S3's */
    readonly encryption?: pulumi.Input<string>;
    /** Changes the arguments of children. @default nothing is changed */
    readonly transform?: {
        readonly model?: Transform<aws.sagemaker.ModelArgs>;
        readonly configuration?: Transform<aws.sagemaker.EndpointConfigurationArgs>;
        readonly endpoint?: Transform<aws.sagemaker.EndpointArgs>;
        readonly role?: Transform<aws.iam.RoleArgs>;
    };
}

const VARIANT = "main";
/** Largest request, in bytes. */
const MAX_BODY = { serverless: 4 * 1_048_576, instances: 6 * 1_048_576 };

const rules: Rules<ModelEndpointArgs> = {
    model: pinRule,
    capacity: required(capacityRule),
    cleaning: required(cleaningRule),
    protect: flag,
    encryption: encryptionRule,
    transform: transformOf<NonNullable<ModelEndpointArgs["transform"]>>({
        model: true,
        configuration: true,
        endpoint: true,
        role: true,
    }),
};

/** The children of an endpoint with a model. */
interface EndpointNodes {
    readonly role: aws.iam.Role;
    readonly model: aws.sagemaker.Model;
    readonly configuration: aws.sagemaker.EndpointConfiguration;
    readonly endpoint: aws.sagemaker.Endpoint;
}

/**
 * A model in service (a SageMaker endpoint). Which one is the program's to say: `model` comes from the stack's
 * configuration. Inside a handler, `classify` asks it.
 */
export class ModelEndpoint extends pulumi.ComponentResource implements HasRunTimeSide {
    /** Empty where no model is pinned. */
    readonly endpointName: pulumi.Output<string>;
    /** The children; undefined where no model is pinned. */
    readonly nodes: EndpointNodes | undefined;
    readonly [runTimeSide]: RunTimeSide;
    readonly #name: string;

    /** @throws RunError with every argument that is out of range. */
    constructor(name: string, args: ModelEndpointArgs, options?: pulumi.ComponentResourceOptions) {
        const check = new ArgumentCheck("ModelEndpoint", name);
        check.options<ModelEndpointArgs>("args", args, rules, new.target !== ModelEndpoint);
        check.resourceOptions(options);
        check.done();
        super("sortline:index:ModelEndpoint", name, {}, options);
        const { capacity, cleaning } = args;
        const pin = pinOf(args.model);
        this.#name = name;

        this.nodes = pin === undefined ? undefined : this.#serve(name, pin, args);
        this.endpointName = this.nodes?.endpoint.name ?? pulumi.output("");
        const statements: PolicyStatement[] =
            this.nodes === undefined
                ? []
                : [{ actions: ["sagemaker:InvokeEndpoint"], resources: [this.nodes.endpoint.arn] }];
        this[runTimeSide] = {
            module: runtimeModule("endpoint"),
            methods: {
                classify: {
                    outputs: {
                        endpointName: this.endpointName,
                        cleaning,
                        maxBodyBytes: String(MAX_BODY[capacity.kind]),
                    },
                    statements,
                },
            },
        };
        this.registerOutputs({
            endpointName: this.endpointName,
            capacity: capacity.kind,
            modelPackage: pin?.package ?? "",
        });
    }

    /**
     * What the model says about each text, in the same order; undefined for each where no model is in service.
     * Waits while the endpoint is busy or waking up, or its model fails, for some seconds.
     *
     * Throws `EndpointError`, with the code `ModelFailure` where that lasts, and `CleaningRefused` where the model was
     * trained with another cleaning; `RejectRecord` for texts that the model refuses.
     */
    classify(_texts: readonly string[]): Promise<readonly (Prediction | undefined)[]> {
        return runTimeOnly("ModelEndpoint", this.#name, "classify");
    }

    #serve(
        name: string,
        pin: ModelPin,
        { capacity, transform, encryption, protect = true }: ModelEndpointArgs,
    ): EndpointNodes {
        const child = { parent: this };
        const account = aws.getCallerIdentityOutput({}, child).accountId;
        const role = new aws.iam.Role(
            `${name}-role`,
            transformed<aws.iam.RoleArgs>(
                { assumeRolePolicy: trustPolicy("sagemaker.amazonaws.com", account) },
                transform?.role,
            ),
            child,
        );
        const policy = new aws.iam.RolePolicy(
            `${name}-policy`,
            {
                role: role.name,
                policy: policyDocument([
                    ...serves(pin, account, this),
                    ...(encryption === undefined ? [] : [decrypts(encryption)]),
                ]),
            },
            child,
        );
        // What is replaced stays: SageMaker may have rolled back to it. `sortline promote` collects what is old.
        const immutable = { parent: this, retainOnDelete: true };
        const model = new aws.sagemaker.Model(
            `${name}-model`,
            transformed<aws.sagemaker.ModelArgs>(
                { executionRoleArn: role.arn, primaryContainer: { modelPackageName: pin.package } },
                transform?.model,
            ),
            { ...immutable, dependsOn: [policy] },
        );
        const configuration = new aws.sagemaker.EndpointConfiguration(
            `${name}-configuration`,
            transformed<aws.sagemaker.EndpointConfigurationArgs>(
                { productionVariants: [productionVariant(capacity, model, pin)] },
                transform?.configuration,
            ),
            immutable,
        );
        // Named by the kind: SageMaker cannot turn one kind of endpoint into the other, so it gets another endpoint.
        const endpoint = new aws.sagemaker.Endpoint(
            `${name}-${capacity.kind}`,
            transformed<aws.sagemaker.EndpointArgs>({ endpointConfigName: configuration.name }, transform?.endpoint),
            { parent: this, protect },
        );
        if (capacity.kind === "instances" && capacity.autoscaling !== undefined) {
            autoscale(name, { parent: this, endpoint, variant: VARIANT, autoscaling: capacity.autoscaling });
        }
        return { role, model, configuration, endpoint };
    }
}

function productionVariant(capacity: EndpointCapacity, model: aws.sagemaker.Model, pin: ModelPin) {
    const variant = { variantName: VARIANT, modelName: model.name, initialVariantWeight: 1 };
    if (capacity.kind === "serverless") {
        const { memory, maxConcurrency } = capacity;
        return { ...variant, serverlessConfig: { memorySizeInMb: memory, maxConcurrency } };
    }
    // The number belongs to autoscaling once the endpoint runs: the pin carries today's.
    return { ...variant, instanceType: capacity.type, initialInstanceCount: pin.instances ?? capacity.count };
}

/** What the endpoint's containers may do: read their models, write their log and metrics. */
function serves(pin: ModelPin, account: pulumi.Output<string>, parent: pulumi.Resource): PolicyStatement[] {
    const partition = aws.getPartitionOutput({}, { parent }).partition;
    const region = aws.getRegionOutput({}, { parent }).region;
    return [
        { actions: ["s3:GetObject"], resources: [pulumi.interpolate`arn:${partition}:s3:::${servedArtefacts(pin)}`] },
        {
            actions: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            resources: [
                pulumi.interpolate`arn:${partition}:logs:${region}:${account}:log-group:/aws/sagemaker/Endpoints/*`,
            ],
        },
        {
            actions: ["cloudwatch:PutMetricData"],
            resources: ["*"],
            conditions: { StringLike: { "cloudwatch:namespace": ["/aws/sagemaker/*", "AWS/SageMaker"] } },
        },
        ...pullsImages(partition, region),
    ];
}
