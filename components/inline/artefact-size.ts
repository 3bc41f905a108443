import type { Metafile } from "esbuild";

/** Lambda's limits: code and files together, unpacked, and as the zip that is uploaded. */
export const largestUnpacked = 262_144_000;
export const largestZip = 52_428_800;

/** What a part of an artefact takes, in bytes. */
export interface PartSize {
    /** A package's name, or the path of a user's file. */
    readonly part: string;
    readonly bytes: number;
}

const packageOf = /^(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)\//;

/** What takes the room in a bundle, the largest first. `nameOf` gives the parts that are no packages a name. */
export function sizesOf(
    inputs: Metafile["outputs"][string]["inputs"],
    nameOf: (input: string) => string,
): readonly PartSize[] {
    const sizes = new Map<string, number>();
    for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
        const part = packageOf.exec(input)?.[1] ?? nameOf(input);
        sizes.set(part, (sizes.get(part) ?? 0) + bytesInOutput);
    }
    return [...sizes]
        .filter(([, bytes]) => bytes > 0)
        .map(([part, bytes]) => ({ part, bytes }))
        .sort((a, b) => b.bytes - a.bytes || (a.part < b.part ? -1 : 1));
}

const shownParts = 12;

/** Sizes as a table of text: bytes, share, part. */
export function sizeTable(sizes: readonly PartSize[]): string {
    const total = sizes.reduce((sum, each) => sum + each.bytes, 0);
    const shown = sizes.slice(0, shownParts);
    const rest = sizes.slice(shownParts);
    const rows = [
        ...shown,
        ...(rest.length === 0
            ? []
            : [{ part: `${rest.length} more`, bytes: rest.reduce((sum, each) => sum + each.bytes, 0) }]),
        { part: "in all", bytes: total },
    ];
    const share = (bytes: number) => `${total === 0 ? 0 : Math.round((100 * bytes) / total)} %`;
    return rows
        .map(({ part, bytes }) => `    ${String(bytes).padStart(12)} bytes ${share(bytes).padStart(6)}  ${part}`)
        .join("\n");
}
