import { paginateListObjectsV2, type S3Client } from "@aws-sdk/client-s3";
import type { StackExport } from "../local/pulumi";
import { componentsOf, outputOf, resourcesOf } from "./deployment";
import { readFailure } from "./failure-read";
import { stagesOf } from "./stages";

/** A stage whose failures lie in the bucket of a stream that it does not read any more: it was renamed, removed or moved. */
export interface FormerStage {
    readonly name: string;
    /** The stream that it read, by its name in the program. */
    readonly stream: string;
    readonly failureBucket: string;
    /** Whether the program has a stage of this name, which reads another stream. */
    readonly moved: boolean;
}

/** The stages whose failures lie in the streams' buckets and that do not read these streams any more. */
export async function formerStages(s3: S3Client, stack: StackExport): Promise<FormerStage[]> {
    const found: FormerStage[] = [];
    const stages = stagesOf(stack);
    for (const stream of componentsOf(stack, "EventStream")) {
        const failureBucket = outputOf(stream, "failureBucket");
        for (const name of [...(await failurePrefixes(s3, stack, failureBucket)).keys()].sort()) {
            const namesakes = stages.filter((stage) => stage.name === name);
            if (namesakes.some((stage) => stage.failureBucket === failureBucket)) continue;
            found.push({ name, stream: stream.name, failureBucket, moved: namesakes.length > 0 });
        }
    }
    return found;
}

/** Where in a bucket the failures of each stage are: what it rejected, and what its mappings, of now and earlier, gave up. */
export async function failurePrefixes(
    s3: S3Client,
    stack: StackExport,
    bucket: string,
): Promise<ReadonlyMap<string, readonly string[]>> {
    const prefixes = new Map<string, string[]>();
    const add = (stage: string, prefix: string) => prefixes.set(stage, [...(prefixes.get(stage) ?? []), prefix]);

    const intakes = componentsOf(stack, "MailIntake").map(({ name }) => name);
    for (const prefix of await foldersOf(s3, bucket, "rejected/")) {
        const writer = prefix.split("/")[1] ?? "";
        if (!intakes.includes(writer)) add(writer, prefix);
    }
    const stages = stagesOf(stack);
    const mappings = resourcesOf(stack, "aws:lambda/eventSourceMapping:EventSourceMapping").map(({ id }) => id);
    for (const prefix of await foldersOf(s3, bucket, "aws/lambda/")) {
        const mapping = prefix.split("/")[2] ?? "";
        if (mapping === "async") continue;
        const stage = stages.find(({ mappingId }) => mappingId === mapping);
        if (stage !== undefined) add(stage.name, prefix);
        // A mapping that the program made itself is none of a stage.
        else if (!mappings.includes(mapping)) {
            const functionName = await functionIn(s3, bucket, prefix);
            const own = stages.find((each) => each.failureBucket === bucket && each.functionName === functionName);
            add(own?.name ?? stageOfFunction(functionName ?? mapping), prefix);
        }
    }
    return prefixes;
}

async function foldersOf(s3: S3Client, bucket: string, folder: string): Promise<string[]> {
    const found: string[] = [];
    const where = { Bucket: bucket, Prefix: folder, Delimiter: "/" };
    for await (const page of paginateListObjectsV2({ client: s3 }, where)) {
        for (const { Prefix } of page.CommonPrefixes ?? []) if (Prefix !== undefined) found.push(Prefix);
    }
    return found;
}

/** Which function a mapping called that is no longer there: the first of its failures that says so. */
async function functionIn(s3: S3Client, bucket: string, prefix: string): Promise<string | undefined> {
    for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix: prefix })) {
        for (const { Key } of page.Contents ?? []) {
            const failure = Key === undefined ? undefined : await readFailure(s3, bucket, Key);
            if (failure?.kind === "exhausted" && failure.functionName !== undefined) return failure.functionName;
        }
    }
    return undefined;
}

/** `pack-function-1a2b3c4` -> `pack`, as a stage names its function; a name that was chosen otherwise stays. */
export function stageOfFunction(functionName: string): string {
    return functionName.replace(/-function(-[0-9a-f]{7,})?$/, "");
}
