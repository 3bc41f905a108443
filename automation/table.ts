import Table from "cli-table3";

/** A table without lines between its rows, so that more of them fit on a terminal. */
export function plainTable(head: readonly string[]): Table.Table {
    const none = { top: "", "top-mid": "", "top-left": "", "top-right": "" };
    return new Table({
        head: [...head],
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
        style: { head: ["bold"], border: [], "padding-left": 0, "padding-right": 0 },
    });
}
