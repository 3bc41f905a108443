import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { ArgumentCheck } from "./argument-check";
import type { Rules } from "./argument-rules";
import { type HasRunTimeSide, type RunTimeSide, runTimeOnly, runTimeSide } from "./inline";
import { newResource } from "./new-resource";
import { runtimeModule } from "./package-files";
import { type Transform, transformed, transformOf } from "./transform";

export interface RecordIndexArgs {
    /** Changes the arguments of children. @default nothing is changed */
    readonly transform?: { readonly table?: Transform<aws.dynamodb.TableArgs> };
}

const rules: Rules<RecordIndexArgs> = {
    transform: transformOf<NonNullable<RecordIndexArgs["transform"]>>({ table: true }),
};

/** Anything with an id, made of plain data. */
export interface IndexedRecord {
    readonly id: string;
}

/**
 * State that is looked up by id (a DynamoDB table on demand: no fixed cost), encrypted, with point-in-time recovery.
 * Inside a handler, `put` and `get` work on it.
 */
export class RecordIndex<T extends IndexedRecord = IndexedRecord>
    extends pulumi.ComponentResource
    implements HasRunTimeSide
{
    readonly tableName: pulumi.Output<string>;
    /** The children. */
    readonly nodes: { readonly table: aws.dynamodb.Table };
    readonly [runTimeSide]: RunTimeSide;
    readonly #name: string;

    /** @throws RunError with every argument that is wrong. */
    constructor(name: string, args: RecordIndexArgs = {}, options?: pulumi.ComponentResourceOptions) {
        const check = new ArgumentCheck("RecordIndex", name);
        check.options<RecordIndexArgs>("args", args, rules, new.target !== RecordIndex);
        check.resourceOptions(options);
        check.done();
        super("sortline:index:RecordIndex", name, {}, options);
        this.#name = name;
        const table = newResource(
            aws.dynamodb.Table,
            `${name}-table`,
            transformed<aws.dynamodb.TableArgs>(
                {
                    billingMode: "PAY_PER_REQUEST",
                    attributes: [{ name: "id", type: "S" }],
                    hashKey: "id",
                    pointInTimeRecovery: { enabled: true },
                    serverSideEncryption: { enabled: true },
                },
                args.transform?.table,
            ),
            { parent: this },
        );
        this.nodes = { table };
        this.tableName = table.name;
        const outputs = { tableName: table.name };
        this[runTimeSide] = {
            module: runtimeModule("record-index"),
            methods: {
                put: { outputs, statements: [{ actions: ["dynamodb:PutItem"], resources: [table.arn] }] },
                get: { outputs, statements: [{ actions: ["dynamodb:GetItem"], resources: [table.arn] }] },
            },
        };
        this.registerOutputs({ tableName: this.tableName });
    }

    /** Writes a record unless one with its id is there: the first write wins, a repetition changes nothing. */
    put(_record: T): Promise<void> {
        return runTimeOnly("RecordIndex", this.#name, "put");
    }

    /** The record with this id, or undefined. Sees every write that was completed before. */
    get(_id: string): Promise<T | undefined> {
        return runTimeOnly("RecordIndex", this.#name, "get");
    }
}
