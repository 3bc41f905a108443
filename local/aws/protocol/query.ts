import type { NormalizedSchema } from "@smithy/core/schema";
import { AwsError, type AwsRequest, type AwsResponse, type AwsService, type Operation } from "../service";
import { queryError } from "./error";
import { notImplemented } from "./json";
import { operationModels } from "./model";
import { element, readScalar, writeXml } from "./xml";

type Members = Readonly<Record<string, unknown>>;

export interface QueryServiceOptions {
    readonly signingNames: readonly string[];
    /** The module of the SDK's client, which carries the service's model as data. */
    readonly model: Members;
    readonly namespace: string;
    /** By operation name. */
    readonly operations: object;
}

/** A form's fields, `A.member.1.B`, as a tree. */
interface Field {
    text: string | undefined;
    readonly members: Map<string, Field>;
}

/** The AWS query protocol around a table of operations: forms in, XML out, both by the SDK's own model. */
export function queryService(options: QueryServiceOptions): Pick<AwsService, "signingNames" | "handle"> {
    const operations = new Map(Object.entries(options.operations as Record<string, Operation<unknown, Members>>));
    const models = operationModels(options.model);
    const headers = { "content-type": "text/xml" };

    async function answer(request: AwsRequest): Promise<string> {
        const form = new URLSearchParams(request.body.toString("utf8"));
        const name = form.get("Action") ?? "";
        const operation = operations.get(name);
        const model = models.get(name);
        if (operation === undefined || model === undefined) {
            throw notImplemented(options.signingNames[0] ?? "", name === "" ? "a request without Action" : name);
        }
        const output = await operation(readForm(model.input, fields(form)) ?? {}, request.caller);
        const result = model.output.isStructSchema() ? writeXml(model.output, output, `${name}Result`) : "";
        const metadata = element("ResponseMetadata", element("RequestId", request.requestId));
        return element(`${name}Response`, result + metadata, ` xmlns="${options.namespace}"`);
    }

    return {
        signingNames: options.signingNames,
        async handle(request): Promise<AwsResponse> {
            try {
                return { status: 200, headers, body: await answer(request) };
            } catch (error) {
                if (!(error instanceof AwsError)) throw error;
                return queryError(error, request.requestId);
            }
        },
    };
}

function fields(form: URLSearchParams): Field {
    const root: Field = { text: undefined, members: new Map() };
    for (const [name, text] of form) {
        let field = root;
        for (const part of name.split(".")) {
            const next = field.members.get(part) ?? { text: undefined, members: new Map() };
            field.members.set(part, next);
            field = next;
        }
        field.text = text;
    }
    return root;
}

function readForm(schema: NormalizedSchema, field: Field): unknown {
    if (schema.isStructSchema()) {
        const result: Record<string, unknown> = {};
        for (const [name, member] of schema.structIterator()) {
            const found = field.members.get(member.getMemberTraits().xmlName ?? name);
            if (found !== undefined) result[name] = readForm(member, found);
        }
        return result;
    }
    if (schema.isListSchema()) {
        const flattened = schema.getMergedTraits().xmlFlattened !== undefined;
        const items = flattened
            ? field
            : field.members.get(schema.getValueSchema().getMergedTraits().xmlName ?? "member");
        return inOrder(items).map((item) => readForm(schema.getValueSchema(), item));
    }
    if (schema.isMapSchema()) {
        const keyName = schema.getKeySchema().getMergedTraits().xmlName ?? "key";
        const valueName = schema.getValueSchema().getMergedTraits().xmlName ?? "value";
        const flattened = schema.getMergedTraits().xmlFlattened !== undefined;
        return Object.fromEntries(
            inOrder(flattened ? field : field.members.get("entry")).map(({ members }) => [
                members.get(keyName)?.text ?? "",
                readForm(schema.getValueSchema(), members.get(valueName) ?? { text: "", members: new Map() }),
            ]),
        );
    }
    if (schema.isBlobSchema()) return Buffer.from(field.text ?? "", "base64");
    return readScalar(schema, field.text ?? "");
}

/** The items of a list, which a form numbers from 1 without a gap. */
function inOrder(list: Field | undefined): Field[] {
    const items: Field[] = [];
    for (let item = list?.members.get("1"); item !== undefined; item = list?.members.get(String(items.length + 1))) {
        items.push(item);
    }
    return items;
}
