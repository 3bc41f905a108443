// A URN names a resource within a stack: urn:pulumi:<stack>::<project>::<parent types>$<type>::<name>

export interface UrnParts {
    readonly stack: string;
    readonly project: string;
    /** The types of the parents and of the resource itself, joined by `$`. */
    readonly qualifiedType: string;
    readonly name: string;
}

export const stackType = "pulumi:pulumi:Stack";

/** Composes a resource's URN. The stack itself is no parent in it. */
export function createUrn(resource: {
    stack: string;
    project: string;
    type: string;
    name: string;
    parent?: string;
}): string {
    const parents =
        resource.parent === undefined || resource.parent === "" ? "" : parseUrn(resource.parent).qualifiedType;
    const qualifiedType = parents === "" || parents === stackType ? resource.type : `${parents}$${resource.type}`;
    return formatUrn({ stack: resource.stack, project: resource.project, qualifiedType, name: resource.name });
}

function formatUrn(parts: UrnParts): string {
    return `urn:pulumi:${parts.stack}::${parts.project}::${parts.qualifiedType}::${parts.name}`;
}

/** @throws Error when the text is no URN. */
export function parseUrn(urn: string): UrnParts {
    const match = /^urn:pulumi:(.*?)::(.*?)::(.*?)::(.*)$/s.exec(urn);
    const [, stack, project, qualifiedType, name] = match ?? [];
    if (stack === undefined || project === undefined || qualifiedType === undefined || name === undefined) {
        throw new Error(`"${urn}" is no URN: expected urn:pulumi:STACK::PROJECT::TYPE::NAME.`);
    }
    return { stack, project, qualifiedType, name };
}

/** The resource's own type, without its parents'. */
export function typeOf(urn: string): string {
    const { qualifiedType } = parseUrn(urn);
    return qualifiedType.slice(qualifiedType.lastIndexOf("$") + 1);
}
