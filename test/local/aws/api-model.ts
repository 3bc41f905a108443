// AWS's own models of its APIs, as botocore ships them, and values that violate their constraints.
import { execFileSync } from "node:child_process";
import { developmentPython } from "../../python";

export interface ApiModel {
    readonly operations: Readonly<Record<string, { readonly input?: { readonly shape: string } }>>;
    readonly shapes: Readonly<Record<string, ModelShape>>;
}

export interface ModelShape {
    readonly type: string;
    readonly min?: number;
    readonly max?: number;
    readonly pattern?: string;
    readonly enum?: readonly string[];
    readonly required?: readonly string[];
    readonly members?: Readonly<Record<string, { readonly shape: string }>>;
    readonly member?: { readonly shape: string };
    readonly key?: { readonly shape: string };
    readonly value?: { readonly shape: string };
}

/** An input that violates one constraint, and what the service is to say of it. */
export interface Violation {
    /** Member names with dots, as in the model. */
    readonly member: string;
    readonly input: unknown;
    /** An input that just satisfies it, where it is a minimum or a maximum. */
    readonly atBound?: unknown;
    readonly constraint: string;
}

export async function apiModel(service: string): Promise<ApiModel> {
    const script = `import botocore.loaders, json; print(json.dumps(botocore.loaders.Loader().load_service_model("${service}", "service-2")))`;
    const json = execFileSync(await developmentPython(), ["-c", script], { maxBuffer: 256 << 20 });
    return JSON.parse(json.toString()) as ApiModel;
}

/** For each constraint on what an operation takes, an input that violates it. */
export function violations(model: ApiModel, operation: string): Violation[] {
    const input = model.operations[operation]?.input?.shape;
    return input === undefined ? [] : of(model, input, "");
}

function of(model: ApiModel, shapeName: string, member: string): Violation[] {
    const shape = model.shapes[shapeName];
    if (shape === undefined) throw new Error(`There is no shape ${shapeName}.`);
    const { type, min, max, pattern } = shape;
    const found: Violation[] = [];
    const add = (input: unknown, constraint: string, ...[atBound]: readonly unknown[]) =>
        found.push({ member, input, constraint, ...(atBound === undefined ? {} : { atBound }) });
    const measure = type === "integer" || type === "long" ? "value" : "length";
    const bound = (limit: number, step: 1 | -1, comparison: string) =>
        add(
            sized(model, shape, limit + step),
            `Member must have ${measure} ${comparison} than or equal to ${limit}`,
            sized(model, shape, limit),
        );
    if (min !== undefined && (measure === "value" || min > 0)) bound(min, -1, "greater");
    if (max !== undefined) bound(max, 1, "less");
    if (pattern !== undefined) add("!", `Member must satisfy regular expression pattern: ${pattern}`);
    if (shape.enum !== undefined) add("NONE OF THEM", "Member must satisfy enum value set: [");

    for (const name of shape.required ?? []) {
        found.push({ member: joined(member, name), input: {}, constraint: "Member must not be null" });
    }
    const within = (part: { readonly shape: string } | undefined, path: string, wrap: (input: unknown) => unknown) =>
        part === undefined
            ? []
            : of(model, part.shape, path).map(({ atBound, ...violation }) => ({
                  ...violation,
                  input: wrap(violation.input),
                  ...(atBound === undefined ? {} : { atBound: wrap(atBound) }),
              }));
    for (const [name, part] of Object.entries(shape.members ?? {})) {
        found.push(...within(part, joined(member, name), (input) => ({ [name]: input })));
    }
    found.push(...within(shape.member, joined(member, "1.member"), (input) => [input]));
    found.push(...within(shape.key, joined(member, "key"), (input) => ({ [String(input)]: "" })));
    found.push(...within(shape.value, joined(member, "key.member"), (input) => ({ key: input })));
    return found;
}

function joined(path: string, name: string): string {
    return path === "" ? name : `${path}.${name}`;
}

/** A JSON value of a shape with a number of characters, bytes or members. */
function sized(model: ApiModel, shape: ModelShape, size: number): unknown {
    switch (shape.type) {
        case "string":
            return "a".repeat(size);
        case "blob":
            return Buffer.alloc(size).toString("base64");
        case "list": {
            const isText = model.shapes[shape.member?.shape ?? ""]?.type === "string";
            return Array.from({ length: size }, () => (isText ? "a" : {}));
        }
        case "map":
            return Object.fromEntries(Array.from({ length: size }, (_, n) => [`key-${n}`, ""]));
        default:
            return size;
    }
}
