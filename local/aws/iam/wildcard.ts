const compiled = new Map<string, RegExp>();

/** Variables make new patterns without end: then all are compiled anew. */
const compiledLimit = 10_000;

/** Stand in a pattern for the characters themselves, where * and ? would be wildcards. No ARN has control characters. */
const literals = { "*": "\u0001", "?": "\u0002" } as const;

/** Text as a part of a pattern that matches only itself. */
export function literal(text: string): string {
    return text.replace(/[*?]/g, (character) => (character === "*" ? literals["*"] : literals["?"]));
}

/** Does a value match a pattern of IAM, in which `*` stands for any run of characters and `?` for one? */
export function matches(pattern: string, value: string): boolean {
    if (pattern === "*" || pattern === value) return true;
    let expression = compiled.get(pattern);
    if (expression === undefined) {
        const source = pattern
            .replace(/[.+^${}()|[\]\\]/g, "\\$&")
            .replace(/\*+/g, ".*")
            .replaceAll("?", ".")
            .replaceAll(literals["*"], "\\*")
            .replaceAll(literals["?"], "\\?");
        expression = new RegExp(`^${source}$`, "s");
        if (compiled.size >= compiledLimit) compiled.clear();
        compiled.set(pattern, expression);
    }
    return expression.test(value);
}

/** Six of them, divided by colons; what comes after the fifth colon is the resource. */
const arnParts = /^([^:]*):([^:]*):([^:]*):([^:]*):([^:]*):(.*)$/s;

/** As {@link matches}, but part by part of an ARN, so that a wildcard does not reach over a colon. */
export function matchesArn(pattern: string, value: string): boolean {
    if (pattern === "*") return true;
    const wanted = arnParts.exec(pattern)?.slice(1);
    const given = arnParts.exec(value)?.slice(1);
    if (wanted === undefined || given === undefined) return false;
    return wanted.every((part, index) => matches(part, given[index] ?? ""));
}
