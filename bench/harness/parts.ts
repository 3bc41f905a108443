import type { Bench, Part } from "./figures";

/** What the command line says about the parts of a bench. */
export interface Choice {
    /** Names of parts, with commas between them. */
    readonly only?: string | undefined;
    readonly full?: boolean | undefined;
}

/**
 * The parts to measure: those that are named, else all, of which the long ones only where everything is wanted.
 * A bench without parts has none to choose from.
 * @throws Error that says which there are, where the choice is none of them.
 */
export function chosenParts({ parts = [] }: Pick<Bench, "parts">, { only, full = false }: Choice): readonly Part[] {
    if (parts.length === 0) {
        if (only === undefined && !full) return parts;
        throw new Error("This bench has no parts: leave out --only and --full.");
    }
    if (only === undefined) return parts.filter((part) => full || part.long !== true);
    const names = parts.map((part) => part.name);
    const wanted = only.split(",").map((name) => name.trim());
    const unknown = wanted.filter((name) => !names.includes(name));
    if (unknown.length > 0) {
        throw new Error(`No part ${unknown.map((name) => `"${name}"`).join(", ")}; there are ${names.join(", ")}.`);
    }
    if (full) throw new Error("--full means all parts: leave it out beside --only.");
    return parts.filter((part) => wanted.includes(part.name));
}
