import { AwsError } from "../service";

/** A part of a list, and the token of the next one. @throws AwsError InvalidParameterException */
export function paged<T>(items: readonly T[], limit: number, token: string | undefined): { page: T[]; next?: string } {
    const start = Number(token ?? 0);
    if (!Number.isSafeInteger(start) || start < 0) {
        throw new AwsError("InvalidParameterException", "The specified nextToken is invalid.");
    }
    const page = items.slice(start, start + limit);
    return { page, next: start + page.length < items.length ? String(start + page.length) : undefined };
}
