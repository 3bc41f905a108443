import { withConnection } from "../connection";
import { sortlineCommand } from "../next-command";
import { comparePermissions, listPermissions, type Permission, type PermissionUse } from "../permissions";
import { plainTable } from "../table";
import { printable } from "../terminal";

/** Shows what each stage may do, and because of which line; with `used`, also how often it did. */
export async function permissions(options: {
    readonly home: string;
    readonly json: boolean;
    readonly used: boolean;
}): Promise<void> {
    await withConnection(options.home, async (connection) => {
        const stack = await connection.exportStack();
        const found = options.used
            ? comparePermissions(stack, await connection.usedPermissions())
            : listPermissions(stack);
        if (options.json) for (const each of found) process.stdout.write(`${JSON.stringify(each)}\n`);
        else if (found.length === 0) {
            process.stdout.write(`No stage is deployed yet: ${sortlineCommand(connection, "up")}\n`);
        } else process.stdout.write(`${permissionTable(found, options.used)}\n`);
    });
}

function permissionTable(found: readonly (Permission | PermissionUse)[], used: boolean): string {
    const table = plainTable(["stage", "action", "resource", ...(used ? ["used"] : []), "because of", "at"]);
    for (const permission of found) {
        const { stage, action, resource, because, at } = permission;
        const use = "allowed" in permission ? [useOf(permission)] : [];
        table.push([stage, action, resource, ...use, because, at.join(" ")].map((each) => printable(String(each))));
    }
    return table.toString();
}

function useOf({ allowed, denied }: PermissionUse): string {
    if (denied > 0) return `DENIED ${denied}${allowed > 0 ? `, allowed ${allowed}` : ""}`;
    return allowed === 0 ? "never" : String(allowed);
}
