/** A name without the random part that a deployment gives it: the same in every home, so that a seed decides the same. */
export function stableName(name: string): string {
    return name.replace(/-[0-9a-f]{7}(\.fifo)?$/, "$1");
}
