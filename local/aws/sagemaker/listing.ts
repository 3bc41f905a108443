import { validationError } from "./validation";

/** What the List operations have in common. */
export interface ListRequest {
    readonly NextToken?: string;
    /** 1–100. @default 100 */
    readonly MaxResults?: number;
    readonly NameContains?: string;
    readonly CreationTimeAfter?: Date;
    readonly CreationTimeBefore?: Date;
    readonly LastModifiedTimeAfter?: Date;
    readonly LastModifiedTimeBefore?: Date;
    /** `Name`, `CreationTime` or `Status`. @default "CreationTime" */
    readonly SortBy?: string;
    /** `Ascending` or `Descending` (operations differ in their default). */
    readonly SortOrder?: string;
}

/** What is listed and sorted by. */
export interface Listed {
    readonly name: string;
    readonly created: Date;
    readonly modified: Date;
    readonly status?: string;
    /** What a tuning job's training job reached. */
    readonly objective?: number;
}

/**
 * One page of a list, filtered and sorted.
 * @param items in the order of their creation.
 */
export function page<Item>(
    request: ListRequest,
    items: readonly Item[],
    describe: (item: Item) => Listed,
    defaultOrder: "Ascending" | "Descending" = "Descending",
): { items: Item[]; NextToken: string | undefined } {
    const size = request.MaxResults ?? 100;
    if (!Number.isInteger(size) || size < 1 || size > 100) {
        throw validationError(
            `1 validation error detected: Value '${size}' at 'maxResults' failed to satisfy constraint: Member must have value between 1 and 100`,
        );
    }
    const start = request.NextToken === undefined ? 0 : offset(request.NextToken);
    const found = items.filter((item) => matches(request, describe(item)));
    const key = sortKey(request.SortBy ?? "CreationTime");
    found.sort((a, b) => compare(key(describe(a)), key(describe(b))));
    if ((request.SortOrder ?? defaultOrder) === "Descending") found.reverse();
    const end = start + size;
    return { items: found.slice(start, end), NextToken: end < found.length ? String(end) : undefined };
}

function offset(token: string): number {
    if (/^\d+$/.test(token)) return Number(token);
    throw validationError("Invalid NextToken: it must be one that an earlier answer gave.");
}

function matches(request: ListRequest, { name, created, modified }: Listed): boolean {
    return (
        (request.NameContains === undefined || name.toLowerCase().includes(request.NameContains.toLowerCase())) &&
        (request.CreationTimeAfter === undefined || created > request.CreationTimeAfter) &&
        (request.CreationTimeBefore === undefined || created < request.CreationTimeBefore) &&
        (request.LastModifiedTimeAfter === undefined || modified > request.LastModifiedTimeAfter) &&
        (request.LastModifiedTimeBefore === undefined || modified < request.LastModifiedTimeBefore)
    );
}

function sortKey(by: string): (listed: Listed) => string | number {
    if (by === "Name") return ({ name }) => name;
    if (by === "Status") return ({ status }) => status ?? "";
    if (by === "FinalObjectiveMetricValue") return ({ objective }) => objective ?? 0;
    if (by === "CreationTime") return ({ created }) => created.getTime();
    throw validationError(
        `1 validation error detected: Value '${by}' at 'sortBy' failed to satisfy constraint: Member must satisfy enum value set: [Name, CreationTime, Status]`,
    );
}

function compare(a: string | number, b: string | number): number {
    return a < b ? -1 : a > b ? 1 : 0;
}

const dateMembers = ["CreationTimeAfter", "CreationTimeBefore", "LastModifiedTimeAfter", "LastModifiedTimeBefore"];

/** The dates of a List request come as epoch seconds. */
export function decodeListRequest(input: Readonly<Record<string, unknown>>): Record<string, unknown> {
    const decoded = { ...input };
    for (const member of dateMembers) {
        const value = decoded[member];
        if (typeof value === "number") decoded[member] = new Date(value * 1000);
    }
    return decoded;
}
