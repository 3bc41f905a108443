import { createHash } from "node:crypto";

/** How large the objects are, in bytes: the twin keeps small ones in the row of its store, large ones in a file. */
export const objectSizes = { small: 1_000, large: 200_000 } as const;

/** What is in an object. All of it follows from the key, so that content which is not the object's own is seen. */
export function contentOf(key: string, size: number): Buffer {
    return createHash("shake256", { outputLength: size }).update(key).digest();
}
