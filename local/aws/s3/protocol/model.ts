import * as model from "@aws-sdk/client-s3";
import { NormalizedSchema } from "@smithy/core/schema";
import { AwsError } from "../../service";

export interface OperationModel {
    readonly name: string;
    readonly input: NormalizedSchema;
    readonly output: NormalizedSchema;
    /** HTTP status of a success. */
    readonly status: number;
}

interface Route extends OperationModel {
    readonly method: string;
    readonly level: "service" | "bucket" | "object";
    /** Query parameters that the operation's address has, with their value where it is fixed. */
    readonly literals: readonly { readonly name: string; readonly value: string }[];
    readonly requiredQuery: readonly string[];
    readonly requiredHeaders: readonly string[];
}

/** What tells the operations of S3 apart: an address of a bucket or of an object, its query and headers. */
export interface OperationAddress {
    readonly method: string;
    readonly bucket?: string;
    readonly key?: string;
    readonly query: URLSearchParams;
    readonly headers: Readonly<Record<string, string | undefined>>;
}

// The SDK carries S3's model as data. Reading requests by the same model that the client writes them with is what
// keeps both sides in step, and lets an operation that the twin lacks be refused by its name.
const routes: readonly Route[] = Object.values(model).flatMap((exported) =>
    Array.isArray(exported) && exported[0] === 9 ? route(exported as unknown as OperationSchema) : [],
);

type SchemaReference = Parameters<typeof NormalizedSchema.of>[0];
type OperationSchema = readonly [
    kind: 9,
    namespace: string,
    name: string,
    traits: { readonly http?: readonly [method: string, address: string, status: number] },
    input: SchemaReference,
    output: SchemaReference,
];

function route([, , name, traits, inputSchema, outputSchema]: OperationSchema): Route[] {
    const [method, address, status] = traits.http ?? [];
    const [path, query = ""] = address?.split("?") ?? [];
    if (method === undefined || status === undefined || (path !== "/" && path !== "/{Key+}")) return [];
    const input = NormalizedSchema.of(inputSchema);
    const schema = input.getSchema();
    const requiredCount = Array.isArray(schema) && typeof schema[6] === "number" ? schema[6] : 0;
    const members = input.isStructSchema() ? [...input.structIterator()] : [];
    const required = members.slice(0, requiredCount).map(([, member]) => member.getMergedTraits());
    return [
        {
            name,
            method,
            status,
            input,
            output: NormalizedSchema.of(outputSchema),
            level:
                path === "/{Key+}" ? "object" : members.some(([member]) => member === "Bucket") ? "bucket" : "service",
            literals: [...new URLSearchParams(query)].map(([name, value]) => ({ name, value })),
            requiredQuery: required.flatMap(({ httpQuery }) => httpQuery ?? []),
            requiredHeaders: required.flatMap(({ httpHeader }) => httpHeader?.toLowerCase() ?? []),
        },
    ];
}

/** Finds the operation that a request is meant for: the one of which the most distinguishing marks are present. */
export function findOperation(address: OperationAddress): OperationModel {
    const level = address.key !== undefined ? "object" : address.bucket !== undefined ? "bucket" : "service";
    let best: { route: Route; score: number } | undefined;
    for (const candidate of routes) {
        if (candidate.method !== address.method || candidate.level !== level) continue;
        const score = likeness(candidate, address);
        if (score !== undefined && (best === undefined || score > best.score)) best = { route: candidate, score };
    }
    if (best === undefined) {
        throw new AwsError("MethodNotAllowed", `S3 has no ${address.method} operation on a ${level}.`, 405);
    }
    return best.route;
}

function likeness(route: Route, { query, headers }: OperationAddress): number | undefined {
    let score = route.requiredQuery.length + route.requiredHeaders.length;
    for (const { name, value } of route.literals) {
        const sent = query.get(name);
        if (name === "x-id") {
            // The SDK names the operation; other clients do not.
            if (sent === value) score += 100;
        } else if (sent === null || (value !== "" && sent !== value)) {
            return undefined;
        } else {
            score++;
        }
    }
    const complete =
        route.requiredQuery.every((name) => query.has(name)) &&
        route.requiredHeaders.every((name) => headers[name] !== undefined);
    return complete ? score : undefined;
}
