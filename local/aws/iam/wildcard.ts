const compiled = new Map<string, RegExp>();

/** Does a value match a pattern of IAM, in which `*` stands for any run of characters and `?` for one? */
export function matches(pattern: string, value: string): boolean {
    if (pattern === "*" || pattern === value) return true;
    let expression = compiled.get(pattern);
    if (expression === undefined) {
        const source = pattern
            .replace(/[.+^${}()|[\]\\]/g, "\\$&")
            .replace(/\*+/g, ".*")
            .replaceAll("?", ".");
        expression = new RegExp(`^${source}$`, "s");
        compiled.set(pattern, expression);
    }
    return expression.test(value);
}
