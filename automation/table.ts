import Table from "cli-table3";
import colors from "picocolors";

/**
 * A table without lines between its rows, so that more of them fit on a terminal.
 * @param counts names of the columns whose cells are counts, which are compared digit below digit.
 */
export function plainTable(head: readonly string[], counts: readonly string[] = []): Table.Table {
    const none = { top: "", "top-mid": "", "top-left": "", "top-right": "" };
    return new Table({
        head: head.map((name) => colors.bold(name)),
        colAligns: head.map((name) => (counts.includes(name) ? "right" : "left")),
        chars: {
            ...none,
            bottom: "",
            "bottom-mid": "",
            "bottom-left": "",
            "bottom-right": "",
            left: " ",
            "left-mid": "",
            mid: "",
            "mid-mid": "",
            right: "",
            "right-mid": "",
            middle: "  ",
        },
        style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
    });
}
