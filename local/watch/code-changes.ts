import type { EngineEvent, StackExport } from "../pulumi";

const functionType = "aws:lambda/function:Function";

/** Gathers the functions that got new code in a deployment. */
export function codeChanges() {
    const urns = new Set<string>();
    return {
        note(event: EngineEvent): void {
            if (event.kind !== "resource" || event.type !== functionType || event.status !== "started") return;
            const isNew = event.operation === "create" || event.operation === "replace";
            if (isNew || (event.operation === "update" && "code" in (event.properties ?? {}))) urns.add(event.urn);
        },
        /** Their names in the program: of the component that a function belongs to, else its own. */
        functions({ resources }: StackExport): string[] {
            const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
            const names = [...urns].flatMap((urn) => {
                const found = byUrn.get(urn);
                const parent = byUrn.get(found?.parent ?? "");
                return found === undefined
                    ? []
                    : [parent?.type.startsWith("pulumi:") === false ? parent.name : found.name];
            });
            return names.sort();
        },
    };
}
