import type { Random } from "../../../random";
import { isGlobal, isName, isNumbered, isTrap, isUnicode, pickName } from "./names";
import { Scope, type ScopeKind, type Shape, type Variable } from "./scope";

/** The steps that one call of a callback may take, about. */
const costLimit = 600;

/** Writes a generated program: knows what is in scope, what code costs, and which features occurred. */
export class Writer {
    scope = new Scope(undefined, "module", false);
    /** Steps of the function that is being written. */
    cost = 0;
    /** How often what is being written runs, in the loops around it. */
    factor = 1;
    /** What is being written runs while its module loads. */
    atLoad = true;
    /** The function that is being written must not run while its module loads. */
    isLate = false;
    /** Statements end with a line's end in place of a semicolon. */
    semicolon = ";";
    /** The file has an `export * from` already. */
    exportsEverything = false;
    /** Statements for the end of the file. */
    deferred: string[] = [];
    #nesting = 0;
    /** Labels around what is being written. */
    readonly labels: string[] = [];

    constructor(
        readonly random: Random,
        readonly features: Map<string, number>,
    ) {}

    newModuleScope(): Scope {
        return new Scope(undefined, "module", false);
    }

    /** Begins another file. */
    startFile(): void {
        this.scope = this.newModuleScope();
        this.deferred = [];
        this.exportsEverything = false;
        this.cost = 0;
        this.semicolon = this.chance(0.2) ? "" : ";";
        if (this.semicolon === "") this.note("no semicolons");
    }

    /** A statement on a line of its own. Without semicolons, one stands before what would go on with the line above. */
    statement(text: string): string {
        if (this.semicolon === "" && /^[([`/+-]/.test(text)) return `;${text}\n`;
        return `${text}${this.semicolon}\n`;
    }

    note(feature: string): void {
        this.features.set(feature, (this.features.get(feature) ?? 0) + 1);
    }

    chance(probability: number): boolean {
        return this.random.chance(probability);
    }

    pick<T>(list: readonly T[]): T {
        return this.random.pick(list);
    }

    /** Declares a variable under a name that is free here. `kind` is the kind of its declaration, for the count of features. */
    declare(kind: string, variable: Variable, scope = this.scope): string {
        for (;;) {
            const name = this.#nameToHide(scope) ?? pickName(this.random);
            if (!this.#isFree(name, scope)) continue;
            this.enter(name, kind, variable, scope);
            return name;
        }
    }

    /** Now and then, the name of a variable further out. */
    #nameToHide(scope: Scope): string | undefined {
        const outer: string[] = [];
        for (let at = scope.parent; at; at = at.parent) outer.push(...at.variables.keys());
        const names = outer.filter(isName);
        return names.length > 0 && this.chance(0.2) ? this.pick(names) : undefined;
    }

    #isFree(name: string, scope: Scope): boolean {
        // What is declared further out, as `var` is, must not be hidden on the way.
        for (let at: Scope | undefined = this.scope; at && at !== scope; at = at.parent)
            if (!at.isFree(name)) return false;
        return scope.isFree(name);
    }

    /** Declares a variable under a given name. */
    enter(name: string, kind: string, variable: Variable, scope = this.scope): void {
        const hides = scope.parent?.ownerOf(name);
        if (hides) this.note(`hides another: ${kind}`);
        if (isTrap(name)) this.note("name of generated code");
        if (isGlobal(name)) this.note("name of a global");
        if (isNumbered(name)) this.note("name as compilers number them");
        if (isUnicode(name)) this.note("unicode name");
        scope.variables.set(name, variable);
    }

    /** A global by its name, or by a way around what hides it. */
    global(name: string): string {
        const hidden = this.scope.ownerOf(name) !== undefined;
        if (hidden) this.note("global reached around a variable");
        else this.scope.reach(name);
        return hidden ? `globalThis.${name}` : name;
    }

    /** An expression that reads a variable; undefined when no variable fits. */
    read(shape: Shape, accepts: (variable: Variable) => boolean = () => true): string | undefined {
        const fitting = [...this.scope.visible()].filter(
            ([, each]) => each.reads[shape] !== undefined && this.mayRead(each) && accepts(each),
        );
        // Arguments of calls are expressions too.
        if (fitting.length === 0 || this.#nesting > 2) return undefined;
        const [name, variable] = this.pick(fitting);
        return this.readOf(name, variable, shape);
    }

    /** An expression that reads this variable. */
    readOf(name: string, variable: Variable, shape: Shape): string | undefined {
        const write = variable.reads[shape];
        if (!write) return undefined;
        this.scope.reach(name);
        this.cost += this.factor * (variable.cost ?? 1);
        if (variable.late) this.isLate = true;
        this.#nesting++;
        const text = write(name, this);
        this.#nesting--;
        return text;
    }

    /** A variable that is a number and may be assigned here. */
    assignable(): string | undefined {
        const own: string[] = [];
        const hidden = new Set<string>();
        for (let scope: Scope | undefined = this.scope; scope; scope = scope.parent) {
            for (const [name, each] of scope.variables) {
                if (each.assignable && !hidden.has(name) && this.mayRead(each)) own.push(name);
                hidden.add(name);
            }
            // A variable of an enclosing function is taken as a value, which does not change.
            if (scope.kind !== "block") break;
        }
        if (own.length === 0) return undefined;
        const name = this.pick(own);
        this.scope.reach(name);
        return name;
    }

    /** Whether a variable may be read by what is being written. */
    mayRead(variable: Variable): boolean {
        if (variable.awaits && !this.scope.isAsync) return false;
        if (variable.late && this.atLoad) return false;
        return this.cost + this.factor * (variable.cost ?? 1) < costLimit;
    }

    /** Writes something in a scope of its own. */
    within<T>(kind: ScopeKind, write: () => T, isAsync = kind === "block" && this.scope.isAsync): T {
        const outer = this.scope;
        this.scope = new Scope(outer, kind, isAsync);
        try {
            return write();
        } finally {
            this.scope = outer;
        }
    }

    /** Writes something that runs about `times` as often as what is around it. */
    repeated<T>(times: number, write: () => T): T {
        const { factor } = this;
        this.factor = factor * times;
        try {
            return write();
        } finally {
            this.factor = factor;
        }
    }

    /** Writes a function that runs when it is called: what its body costs, and whether it must not be called at load. */
    later<T>(write: () => T): { readonly text: T; readonly cost: number; readonly late: boolean } {
        const { cost, factor, atLoad, isLate } = this;
        Object.assign(this, { cost: 0, factor: 1, atLoad: false, isLate: false });
        try {
            const text = write();
            return { text, cost: this.cost + 1, late: this.isLate };
        } finally {
            Object.assign(this, { cost, factor, atLoad, isLate });
        }
    }
}
