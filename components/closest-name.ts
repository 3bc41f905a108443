/** The name that was probably meant by another: with few letters changed, dots and capitals apart. Undefined if there is none. */
export function closestName(meant: string, names: readonly string[]): string | undefined {
    const wanted = plain(meant);
    const [closest] = names
        .map((name) => ({ name, distance: editDistance(wanted, plain(name)) }))
        // In a short word nearly every letter tells.
        .filter(({ distance }) => distance <= Math.floor(wanted.length / 3))
        .sort((a, b) => a.distance - b.distance);
    return closest?.name;
}

const plain = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, "");

/** How many letters have to be put in, taken out or replaced (Levenshtein). */
function editDistance(from: string, to: string): number {
    let row = Array.from({ length: to.length + 1 }, (_, index) => index);
    for (const [at, letter] of [...from].entries()) {
        let last = at + 1;
        const next = [last];
        for (const [index, other] of [...to].entries()) {
            const replaced = (row[index] ?? 0) + (letter === other ? 0 : 1);
            last = Math.min(replaced, (row[index + 1] ?? 0) + 1, last + 1);
            next.push(last);
        }
        row = next;
    }
    return row[to.length] ?? 0;
}
