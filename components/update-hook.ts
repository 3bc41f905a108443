import * as pulumi from "@pulumi/pulumi";

/** Pulumi's mocks say that they know hooks, and do not. */
export function canHook(): boolean {
    const monitor: object | undefined = pulumi.runtime.getMonitor();
    return monitor === undefined || "registerResourceHook" in monitor;
}

const hookNames = new Map<string, number>();

/** Hooks need names of their own; resources of different parents may have the same one. */
export function uniqueHookName(name: string): string {
    const count = (hookNames.get(name) ?? 0) + 1;
    hookNames.set(name, count);
    return `sortline:${name}${count === 1 ? "" : `-${count}`}`;
}
