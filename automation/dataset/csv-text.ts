import type { Example } from "./data-set";

/** Examples as the jobs read them: CSV with the header `id,text,category,group`, in pieces of some megabytes. */
export function toCsv(examples: readonly Example[]): Buffer {
    const quoted = (value: string) => `"${value.replaceAll('"', '""')}"`;
    const pieces = [Buffer.from("id,text,category,group\n")];
    for (let from = 0; from < examples.length; from += 1000) {
        const rows = examples
            .slice(from, from + 1000)
            .map(({ id, text, category, group }) => `${[id, text, category, group].map(quoted).join(",")}\n`);
        pieces.push(Buffer.from(rows.join("")));
    }
    return Buffer.concat(pieces);
}
