import type { DatabaseSync } from "node:sqlite";

/**
 * Gives a table of an earlier version's home a column that it has not.
 * @param definition Type, and what earlier rows hold, in SQL.
 */
export function addColumn(database: DatabaseSync, table: string, column: string, definition: string): void {
    const columns = database.prepare("SELECT name FROM pragma_table_info(?)").all(table);
    if (columns.some(({ name }) => name === column)) return;
    database.exec(`ALTER TABLE ${table} ADD COLUMN ${column} ${definition}`);
}
