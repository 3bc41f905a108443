import assert from "node:assert/strict";
import {
    AddTagsCommand,
    CreateModelPackageCommand,
    type CreateModelPackageCommandInput,
    CreateModelPackageGroupCommand,
    DeleteModelPackageCommand,
    DeleteModelPackageGroupCommand,
    DeleteTagsCommand,
    DescribeModelPackageCommand,
    DescribeModelPackageGroupCommand,
    ListModelPackageGroupsCommand,
    ListModelPackagesCommand,
    ListTagsCommand,
    UpdateModelPackageCommand,
    type UpdateModelPackageCommandInput,
} from "@aws-sdk/client-sagemaker";
import { type SageMakerUnderTest, startSageMaker } from "./sagemaker-under-test";

describe("the model registry of the twin", () => {
    let twin: SageMakerUnderTest;
    const ModelPackageGroupName = "models";
    const group = "arn:aws:sagemaker:eu-central-1:000000000000:model-package-group/models";

    beforeEach(async () => {
        twin = await startSageMaker();
        await twin.sagemaker.send(new CreateModelPackageGroupCommand({ ModelPackageGroupName }));
    });
    afterEach(() => twin.stop());

    const create = async (more: Partial<CreateModelPackageCommandInput> = {}) =>
        (await twin.sagemaker.send(new CreateModelPackageCommand({ ModelPackageGroupName, ...more })))
            .ModelPackageArn ?? "";
    const describe_ = (ModelPackageName: string) =>
        twin.sagemaker.send(new DescribeModelPackageCommand({ ModelPackageName }));
    const events = () => twin.events.filter(({ detailType }) => detailType === "SageMaker Model Package State Change");

    it("counts versions up, also after the latest was deleted", async () => {
        const prefix = "arn:aws:sagemaker:eu-central-1:000000000000:model-package/models/";
        assert.equal(await create(), `${prefix}1`);
        assert.equal(await create(), `${prefix}2`);
        await twin.sagemaker.send(new DeleteModelPackageCommand({ ModelPackageName: `${prefix}2` }));
        assert.equal(await create({ ModelPackageGroupName: group }), `${prefix}3`);
        await assert.rejects(describe_(`${prefix}2`), {
            name: "ValidationException",
            message: /models\/2 does not exist/,
        });
    });

    it("keeps what a package was registered with, pending approval unless told otherwise", async () => {
        const ModelMetrics = {
            ModelQuality: { Statistics: { ContentType: "application/json", S3Uri: "s3://bucket/evaluation.json" } },
        };
        const arn = await create({ CustomerMetadataProperties: { accuracy: "0.9" }, ModelMetrics });
        const found = await describe_(arn);
        assert.equal(found.ModelApprovalStatus, "PendingManualApproval");
        assert.equal(found.ModelPackageStatus, "Completed");
        assert.equal(found.ModelPackageVersion, 1);
        assert.deepEqual(found.CustomerMetadataProperties, { accuracy: "0.9" });
        assert.deepEqual(found.ModelMetrics, ModelMetrics);
        assert.ok(found.CreationTime instanceof Date);
        assert.equal(
            (await describe_(await create({ ModelApprovalStatus: "Rejected" }))).ModelApprovalStatus,
            "Rejected",
        );
    });

    it("makes one package only of a request that is sent twice with the same token", async () => {
        const arn = await create({ ClientToken: "once" });
        assert.equal(await create({ ClientToken: "once" }), arn);
        assert.notEqual(await create({ ClientToken: "twice" }), arn);
        assert.equal(events().length, 2);
    });

    it("approves, with the reason, and emits an event about it", async () => {
        const arn = await create({ CustomerMetadataProperties: { accuracy: "0.9", old: "x" } });
        await twin.sagemaker.send(
            new UpdateModelPackageCommand({
                ModelPackageArn: arn,
                ModelApprovalStatus: "Approved",
                ApprovalDescription: "better than before",
                CustomerMetadataProperties: { reviewer: "jo" },
                CustomerMetadataPropertiesToRemove: ["old"],
            }),
        );
        const found = await describe_(arn);
        assert.equal(found.ModelApprovalStatus, "Approved");
        assert.equal(found.ApprovalDescription, "better than before");
        assert.deepEqual(found.CustomerMetadataProperties, { accuracy: "0.9", reviewer: "jo" });
        assert.deepEqual(
            events().map(({ detail, resources }) => [
                resources,
                detail.ModelApprovalStatus,
                detail.ModelPackageVersion,
            ]),
            [
                [[arn], "PendingManualApproval", 1],
                [[arn], "Approved", 1],
            ],
        );
    });

    it("lists the newest packages first, page by page, and by approval", async () => {
        const arns = [await create(), await create({ ModelApprovalStatus: "Approved" }), await create()];
        const first = await twin.sagemaker.send(new ListModelPackagesCommand({ ModelPackageGroupName, MaxResults: 2 }));
        const second = await twin.sagemaker.send(
            new ListModelPackagesCommand({ ModelPackageGroupName, MaxResults: 2, NextToken: first.NextToken }),
        );
        const listed = [...(first.ModelPackageSummaryList ?? []), ...(second.ModelPackageSummaryList ?? [])];
        assert.deepEqual(
            listed.map(({ ModelPackageArn }) => ModelPackageArn),
            arns.toReversed(),
        );
        assert.equal(second.NextToken, undefined);
        const approved = await twin.sagemaker.send(
            new ListModelPackagesCommand({ ModelPackageGroupName, ModelApprovalStatus: "Approved" }),
        );
        assert.deepEqual(
            approved.ModelPackageSummaryList?.map(({ ModelPackageArn }) => ModelPackageArn),
            [arns[1]],
        );
        const before = await twin.sagemaker.send(
            new ListModelPackagesCommand({ ModelPackageGroupName, CreationTimeBefore: new Date(0) }),
        );
        assert.deepEqual(before.ModelPackageSummaryList, []);
    });

    it("refuses a package without its group, an unknown approval and a group that has packages", async () => {
        await assert.rejects(create({ ModelPackageGroupName: "missing" }), {
            message: /group\/missing does not exist/,
        });
        await assert.rejects(create({ ModelApprovalStatus: "Fine" as "Approved" }), {
            message: /'Fine' at 'modelApprovalStatus'/,
        });
        await create();
        await assert.rejects(twin.sagemaker.send(new DeleteModelPackageGroupCommand({ ModelPackageGroupName })), {
            message: /contains model packages/,
        });
        await assert.rejects(twin.sagemaker.send(new CreateModelPackageGroupCommand({ ModelPackageGroupName })), {
            message: /already exists/,
        });
    });

    it("refuses texts that SageMaker does not take, and takes those that it does", async () => {
        const arn = await create({
            CustomerMetadataProperties: { "validation:macro_f1": "0.9", dataset: "s3://a/b-c_d/" },
        });
        const update = (more: Partial<UpdateModelPackageCommandInput>) =>
            twin.sagemaker.send(new UpdateModelPackageCommand({ ModelPackageArn: arn, ...more }));
        await update({ ApprovalDescription: "x".repeat(1024) });
        for (const note of ["two\nlines", "two\u2028lines", "two\u0085lines"]) {
            await assert.rejects(update({ ApprovalDescription: note }), {
                name: "ValidationException",
                message: /'approvalDescription' failed to satisfy constraint: Member must satisfy regular expression/,
            });
        }
        await assert.rejects(update({ ApprovalDescription: "x".repeat(1025) }), /less than or equal to 1024/);
        const wrong: readonly Record<string, string>[] = [
            { cleaning: "" },
            { a: "x".repeat(257) },
            { a: "{}" },
            { "a!": "b" },
        ];
        for (const CustomerMetadataProperties of wrong) {
            await assert.rejects(update({ CustomerMetadataProperties }), { name: "ValidationException" });
            await assert.rejects(create({ CustomerMetadataProperties }), { name: "ValidationException" });
        }
        await assert.rejects(create({ ModelPackageDescription: "two\nlines" }), /'modelPackageDescription'/);
    });

    it("keeps groups and packages when the twin is restarted", async () => {
        const arn = await create();
        twin = await twin.restart();
        assert.equal((await describe_(arn)).ModelPackageGroupName, ModelPackageGroupName);
        const found = await twin.sagemaker.send(new DescribeModelPackageGroupCommand({ ModelPackageGroupName }));
        assert.equal(found.ModelPackageGroupArn, group);
        const { ModelPackageGroupSummaryList } = await twin.sagemaker.send(new ListModelPackageGroupsCommand({}));
        assert.equal(ModelPackageGroupSummaryList?.length, 1);
    });

    it("adds, lists and removes tags", async () => {
        const ResourceArn = group;
        const Tags = [
            { Key: "stage", Value: "test" },
            { Key: "team", Value: "mail" },
        ];
        await twin.sagemaker.send(new AddTagsCommand({ ResourceArn, Tags }));
        await twin.sagemaker.send(new DeleteTagsCommand({ ResourceArn, TagKeys: ["stage"] }));
        const listed = await twin.sagemaker.send(new ListTagsCommand({ ResourceArn }));
        assert.deepEqual(listed.Tags, Tags.slice(1));
    });
});
