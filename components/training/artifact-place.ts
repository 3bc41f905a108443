import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { input, value } from "../argument-rules";
import { S3_FOLDER, s3Folder } from "../s3-folder";
import { whyDeleted } from "./expiring-keys";

/** Start of the keys of what jobs make, within a place. */
export const JOBS = "jobs/";
/** Likewise of data sets. */
export const DATA_SETS = "datasets/";

/** A folder in S3, or a bucket, for data sets and what jobs make of them. */
export interface ArtifactPlace {
    /** Such as s3://bucket/folder/. */
    readonly address: pulumi.Output<string>;
    /** ARN of what keys in it begin with. */
    readonly arn: pulumi.Output<string>;
}

/** What `artifacts` may be. */
export const artifactsRule = input(
    value(S3_FOLDER, (given) => typeof given === "string" && s3Folder(given) !== undefined),
);

/** All of a component's own bucket. */
export function ownPlace(bucket: aws.s3.Bucket): ArtifactPlace {
    return { address: pulumi.interpolate`s3://${bucket.bucket}/`, arn: pulumi.interpolate`${bucket.arn}/` };
}

/** A folder that a program gives. @param ownBucket name of the component's own bucket, which deletes some of its objects. */
export function placeAt(
    address: pulumi.Input<string>,
    partition: pulumi.Input<string>,
    ownBucket: pulumi.Input<string>,
): ArtifactPlace {
    const found = pulumi.output(address).apply((each) => {
        const folder = s3Folder(each);
        // One that only the deployment knows.
        if (folder === undefined) throw new pulumi.RunError(`artifacts is ${each}; it must be ${S3_FOLDER}.`);
        return folder;
    });
    const folder = pulumi.all([found, ownBucket]).apply(([each, own]) => {
        const why = each.bucket === own ? whyDeleted(each.key) : undefined;
        if (why === undefined) return each;
        throw new pulumi.RunError(
            `artifacts is s3://${each.bucket}/${each.key}; ${why}. Give another folder, or leave it out.`,
        );
    });
    return {
        address: pulumi.interpolate`s3://${folder.bucket}/${folder.key}`,
        arn: pulumi.interpolate`arn:${partition}:s3:::${folder.bucket}/${folder.key}`,
    };
}

/** ARNs of what jobs make at a place, also where a run was given a folder below it. */
export function madeAt({ arn }: ArtifactPlace): pulumi.Output<string>[] {
    return ["", "*/"].map((below) => pulumi.interpolate`${arn}${below}${JOBS}*`);
}

/** ARNs of what looks like that and is part of a data set, which no job may add to. */
export function withinDataSets({ arn }: ArtifactPlace): pulumi.Output<string>[] {
    return ["", "*/"].map((below) => pulumi.interpolate`${arn}${below}${DATA_SETS}*/${JOBS}*`);
}
