import { number } from "./expressions";
import type { Variable } from "./scope";

/** A variable that holds a number. */
export const numberVariable = (more: Partial<Variable> = {}): Variable => ({
    reads: {
        number: (name) => name,
        string: (name) => `\`\${${name}}\``,
        any: (name) => name,
    },
    ...more,
});

/** A variable that holds a string. */
export const stringVariable = (more: Partial<Variable> = {}): Variable => ({
    reads: { string: (name) => name, number: (name) => `${name}.length`, any: (name) => name },
    ...more,
});

/** A variable that holds data of another kind: answered as it stands. */
export const dataVariable = (more: Partial<Variable> = {}): Variable => ({ reads: { any: (name) => name }, ...more });

/** A function of numbers that yields one. */
export function functionVariable(arity: number, more: Partial<Variable> & { readonly isAsync?: boolean }): Variable {
    const { isAsync = false, ...rest } = more;
    return {
        reads: {
            number: (name, w) => {
                const given = Array.from({ length: arity }, () => number(w, 1)).join(", ");
                return isAsync ? `(await ${name}(${given}))` : `${name}(${given})`;
            },
            string: (name) => `(typeof ${name})`,
        },
        awaits: isAsync,
        ...rest,
    };
}
