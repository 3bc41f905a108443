/** Whether a text begins with a day that there is, as `yyyy-mm-dd`: JavaScript takes the 31st of February for a day in March. */
export function beginsWithDay(text: string): boolean {
    const day = text.slice(0, 10);
    const date = new Date(`${day}T00:00:00Z`);
    return !Number.isNaN(date.getTime()) && date.toISOString().slice(0, 10) === day;
}
