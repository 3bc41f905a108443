/** The page's style sheet and script, served as files of their own: the content security policy allows nothing inline. */
export const styleSheet = `
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent); }
body { margin: 0 auto; max-width: 80rem; padding: 1.5rem; font: 15px/1.45 system-ui, sans-serif; }
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 1rem; }
h1 { margin: 0; font-size: 1.4rem; }
.local { padding: 0 .5rem; border: 1px solid; border-radius: 1rem; font-size: .85rem; }
header p { margin: .3rem 0 0; flex-basis: 100%; opacity: .75; }
dl { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1.5rem 0; padding: 0; }
dl div { min-width: 6rem; padding: .5rem .9rem; border: 1px solid var(--line); border-radius: .5rem; }
dt { opacity: .75; }
dd { margin: 0; font-size: 1.6rem; font-variant-numeric: tabular-nums; }
.table { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; }
caption { padding: .3rem 0; text-align: left; opacity: .75; }
th, td { padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; white-space: nowrap; }
td.text { min-width: 12rem; white-space: normal; overflow-wrap: anywhere; }
td.id { max-width: 12ch; overflow: hidden; text-overflow: ellipsis; font-family: ui-monospace, monospace; font-size: .85em; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
td.failed { font-weight: bold; }
#connection { min-height: 1.5em; }
`;

/** Fetches the page again and again, and puts what changed in its place. */
export const script = `
"use strict";
const pause = 2000;
const connection = document.getElementById("connection");

async function refresh() {
    if (document.hidden) return;
    let response;
    try {
        response = await fetch("/", { redirect: "error", cache: "no-store" });
    } catch {
        connection.textContent = "The twin does not answer. It has stopped, or is busy; this page keeps asking.";
        return;
    }
    if (response.status === 403) {
        connection.textContent = "The twin was started anew. Open the link that it printed.";
        return;
    }
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const now = page.querySelector("main");
    if (now === null) return;
    connection.textContent = "";
    const shown = document.querySelector("main");
    if (shown.innerHTML !== now.innerHTML) shown.replaceWith(document.adoptNode(now));
}

async function keepRefreshing() {
    try {
        await refresh();
    } finally {
        setTimeout(keepRefreshing, pause);
    }
}

document.addEventListener("visibilitychange", refresh);
setTimeout(keepRefreshing, pause);
`;
