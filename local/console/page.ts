/** What the page shows. Never the text of a mail: its subject and body are the sender's, and may be hostile. */
export interface ConsoleData {
    readonly counts: ConsoleCounts;
    /** Newest first. */
    readonly mails: readonly ConsoleMail[];
}

/** How many mails are in which state. */
export interface ConsoleCounts {
    readonly received: number;
    readonly sorted: number;
    readonly review: number;
    readonly ignored: number;
    readonly failed: number;
    readonly inFlight: number;
}

export interface ConsoleMail {
    readonly id: string;
    readonly source: string;
    readonly state: string;
    readonly category: string | null;
    /** Calibrated probability, 0 to 1. */
    readonly confidence: number | null;
    readonly route: string | null;
    readonly reason: string | null;
}

const countNames: readonly (readonly [keyof ConsoleCounts, string])[] = [
    ["received", "received"],
    ["sorted", "sorted"],
    ["review", "review"],
    ["ignored", "ignored"],
    ["failed", "failed"],
    ["inFlight", "in flight"],
];

const stateNames: Readonly<Record<string, string>> = { inFlight: "in flight" };

/** The page with what there is to see. */
export function resultsPage({ counts, mails }: ConsoleData): string {
    const figures = countNames
        .map(([name, label]) => `<div><dt>${label}</dt><dd>${escaped(String(counts[name]))}</dd></div>`)
        .join("");
    const rows = mails.map(
        ({ id, source, state, category, confidence, route, reason }) => `<tr>
<td class="text">${shown(source)}</td>
<td${state === "failed" ? ' class="failed"' : ""}>${shown(stateNames[state] ?? state)}</td>
<td>${shown(category)}</td>
<td class="number">${confidence === null ? "" : escaped(confidence.toFixed(2))}</td>
<td>${shown(route)}</td>
<td class="text">${shown(reason)}</td>
<td class="id">${shown(id)}</td>
</tr>`,
    );
    const table = `<div class="table"><table>
<caption>The last ${mails.length} mails, newest first</caption>
<thead><tr><th scope="col">mail</th><th scope="col">state</th><th scope="col">category</th><th scope="col" class="number">confidence</th><th scope="col">route</th><th scope="col">reason</th><th scope="col">id</th></tr></thead>
<tbody>
${rows.join("\n")}
</tbody></table></div>`;
    const empty = "<p>No mail yet. Send some: <code>npx sortline send FILE</code></p>";
    return page(`<dl>${figures}</dl>\n${mails.length === 0 ? empty : table}`, { refreshes: true });
}

/** The page when there is nothing to see: why, and what to do. */
export function messagePage(message: string, { refreshes }: { readonly refreshes: boolean }): string {
    return page(`<p>${escaped(message)}</p>`, { refreshes });
}

function page(content: string, { refreshes }: { readonly refreshes: boolean }): string {
    const refreshing = `<script src="/console.js" defer></script>
<noscript><meta http-equiv="refresh" content="5"></noscript>`;
    return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>sortline, local twin</title>
<link rel="stylesheet" href="/console.css">
<link rel="icon" href="data:,">
${refreshes ? refreshing : ""}
</head>
<body>
<header><h1>sortline</h1><span class="local">local twin</span>
<p>Everything on this page happens on this machine; no AWS account is involved.</p></header>
<p id="connection" role="status"></p>
<main>
${content}
</main>
</body>
</html>
`;
}

function shown(text: string | null): string {
    if (text === null) return "";
    // Control and direction characters could make one text look like another.
    return escaped(text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, " "));
}

function escaped(text: string): string {
    return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
