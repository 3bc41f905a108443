import type { Writer } from "./writer";

/** What an expression yields. */
export type Shape = "number" | "string" | "any";

/** A variable of a generated program, and what can be written with it. */
export interface Variable {
    /** Expressions by what they yield. */
    readonly reads: Partial<Record<Shape, (reference: string, writer: Writer) => string>>;
    /** About how many steps one read takes. @default 1 */
    readonly cost?: number;
    /** The read waits, so that it may stand in an async function only. */
    readonly awaits?: boolean;
    /** It has its value, or may be read, only once its module has loaded, or once it runs as a function. */
    readonly late?: boolean;
    /** A callback may take it from an enclosing function. */
    readonly travels?: boolean;
    /** It is a number that may be assigned. */
    readonly assignable?: boolean;
    /** Its name is taken, and no use of it is known. */
    readonly hidden?: boolean;
}

export type ScopeKind = "module" | "function" | "callback" | "block";

/** A scope of a generated program. */
export class Scope {
    readonly variables = new Map<string, Variable>();
    /** Names that cannot be declared here: used already for an outer variable, or a parameter's. */
    readonly taken = new Set<string>();

    constructor(
        readonly parent: Scope | undefined,
        readonly kind: ScopeKind,
        readonly isAsync: boolean,
    ) {}

    isFree(name: string): boolean {
        return !this.variables.has(name) && !this.taken.has(name);
    }

    /** The scope that declares a name; undefined for a global one. */
    ownerOf(name: string): Scope | undefined {
        return this.variables.has(name) ? this : this.parent?.ownerOf(name);
    }

    /** Notes that a name is used here, so that no scope on the way to its declaration hides it later. */
    reach(name: string): void {
        if (this.variables.has(name)) return;
        this.taken.add(name);
        this.parent?.reach(name);
    }

    /** The variables that code here may use, by name. */
    visible(): Map<string, Variable> {
        const found = new Map<string, Variable>();
        let crossed = false;
        for (let scope: Scope | undefined = this; scope; scope = scope.parent) {
            for (const [name, variable] of scope.variables) {
                if (found.has(name)) continue;
                const allowed = !crossed || scope.kind === "module" || variable.travels;
                found.set(name, allowed ? variable : { reads: {}, hidden: true });
            }
            crossed ||= scope.kind === "callback";
        }
        return found;
    }
}
