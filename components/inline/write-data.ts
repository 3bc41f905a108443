import { dataClass, dataWithin, symbolExpression } from "./data";

/** A property's name in an object literal: `__proto__` would set the prototype if it were not computed. */
export function literalKey(name: string): string {
    return name === "__proto__" ? '["__proto__"]' : JSON.stringify(name);
}

// Longer binary data takes half the room in base64.
const longestList = 32;

function bytesOf(value: ArrayBufferView): Uint8Array {
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}

function writeBytes(bytes: Uint8Array): string {
    if (bytes.length <= longestList) return `new Uint8Array([${bytes.join(",")}])`;
    // A copy: the bytes of a Buffer may lie in memory that it shares.
    return `new Uint8Array(Buffer.from(${JSON.stringify(Buffer.from(bytes).toString("base64"))},"base64"))`;
}

function writePrimitive(value: unknown): string {
    if (typeof value === "bigint") return `${value}n`;
    if (value === undefined) return "undefined";
    if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
    if (typeof value === "symbol") return symbolExpression(value) ?? "undefined";
    return JSON.stringify(value);
}

/**
 * Writes data as expressions of JavaScript. What is reached by more than one way stays one object: it gets a name, and
 * `declarations` make it before the expressions are used.
 */
export class DataWriter {
    /** Statements, in order. */
    readonly declarations: string[] = [];
    readonly #shared = new Set<object>();
    readonly #cyclic = new Set<object>();
    readonly #names = new Map<object, string>();

    /** `roots` is all the data that is going to be written. */
    constructor(roots: Iterable<unknown>) {
        const seen = new Set<object>();
        const above = new Set<object>();
        const count = (value: unknown) => {
            if (typeof value !== "object" || value === null) return;
            if (above.has(value)) this.#cyclic.add(value);
            if (seen.has(value)) {
                this.#shared.add(value);
                return;
            }
            seen.add(value);
            above.add(value);
            for (const each of dataWithin(value)) count(each);
            if (ArrayBuffer.isView(value) && !Buffer.isBuffer(value)) count(value.buffer);
            above.delete(value);
        };
        for (const root of roots) count(root);
    }

    write(value: unknown): string {
        if (typeof value !== "object" || value === null) return writePrimitive(value);
        if (!this.#shared.has(value)) return this.#frozen(value, this.#writeObject(value));
        const known = this.#names.get(value);
        if (known !== undefined) return known;
        return this.#cyclic.has(value) ? this.#writeCycle(value) : this.#writeShared(value);
    }

    #nameOf(value: object): string {
        const name = `data${this.#names.size}`;
        this.#names.set(value, name);
        return name;
    }

    #writeShared(value: object): string {
        const expression = this.#frozen(value, this.#writeObject(value));
        // Writing its parts may have led back to it.
        const known = this.#names.get(value);
        if (known !== undefined) return known;
        const name = this.#nameOf(value);
        this.declarations.push(`const ${name} = ${expression};`);
        return name;
    }

    /** First the empty object, so that what is inside can refer to it. */
    #writeCycle(value: object): string {
        const kind = dataClass(value);
        const name = this.#nameOf(value);
        if (kind === "Map" || kind === "Set") {
            this.declarations.push(`const ${name} = new ${kind}();`);
            const add = kind === "Map" ? `([key, each]) => ${name}.set(key, each)` : `(each) => ${name}.add(each)`;
            this.declarations.push(`[${this.#entries(value)}].forEach(${add});`);
            return name;
        }
        const empty = Array.isArray(value) ? "[]" : Object.getPrototypeOf(value) === null ? "{__proto__:null}" : "{}";
        this.declarations.push(`const ${name} = ${empty};`);
        const body = this.#writeObject(value);
        this.declarations.push(`Object.defineProperties(${name}, Object.getOwnPropertyDescriptors(${body}));`);
        if (Object.isFrozen(value)) this.declarations.push(`Object.freeze(${name});`);
        return name;
    }

    #frozen(value: object, expression: string): string {
        return dataClass(value) === undefined && Object.isFrozen(value) ? `Object.freeze(${expression})` : expression;
    }

    #entries(value: object): string {
        if (dataClass(value) === "Set")
            return [...(value as ReadonlySet<unknown>)].map((each) => this.write(each)).join(",");
        return [...(value as ReadonlyMap<unknown, unknown>)]
            .map(([key, each]) => `[${this.write(key)},${this.write(each)}]`)
            .join(",");
    }

    #writeObject(value: object): string {
        switch (dataClass(value)) {
            case "Map":
                return `new Map([${this.#entries(value)}])`;
            case "Set":
                return `new Set([${this.#entries(value)}])`;
            case "Date":
                return `new Date(${(value as Date).getTime()})`;
            case "URL":
                return `new URL(${JSON.stringify((value as URL).href)})`;
            case "RegExp": {
                const { source, flags, lastIndex } = value as RegExp;
                const made = `new RegExp(${JSON.stringify(source)},${JSON.stringify(flags)})`;
                return lastIndex === 0 ? made : `Object.assign(${made},{lastIndex:${lastIndex}})`;
            }
            case "ArrayBuffer":
                return `${writeBytes(new Uint8Array(value as ArrayBuffer))}.buffer`;
            case "DataView":
            case "typed array":
                return this.#writeView(value as ArrayBufferView);
            default:
                return Array.isArray(value) ? this.#writeArray(value) : this.#writePlain(value);
        }
    }

    #writeView(value: ArrayBufferView): string {
        if (Buffer.isBuffer(value)) return `Buffer.from(${JSON.stringify(value.toString("base64"))},"base64")`;
        const name = Object.prototype.toString.call(value).slice("[object ".length, -1);
        const elements = value as unknown as ArrayLike<unknown>;
        const length = name === "DataView" ? value.byteLength : elements.length;
        // Views of one memory see each other's changes.
        if (this.#shared.has(value.buffer))
            return `new ${name}(${this.write(value.buffer)},${value.byteOffset},${length})`;
        if (name === "DataView" || length > longestList) {
            const bytes = writeBytes(bytesOf(value));
            return name === "Uint8Array" ? bytes : `new ${name}(${bytes}.buffer)`;
        }
        return `new ${name}([${Array.from(elements, writePrimitive).join(",")}])`;
    }

    #writeArray(value: readonly unknown[]): string {
        const elements = Array.from(value, (each, index) => (index in value ? this.write(each) : ""));
        const ending = value.length > 0 && !(value.length - 1 in value) ? "," : "";
        const list = `[${elements.join(",")}${ending}]`;
        const names = Object.keys(value).filter((name) => !/^\d+$/.test(name));
        if (names.length === 0) return list;
        const named = value as unknown as Readonly<Record<string, unknown>>;
        return `Object.assign(${list},{${names.map((name) => `${literalKey(name)}:${this.write(named[name])}`).join(",")}})`;
    }

    #writePlain(value: object): string {
        const body = Object.entries(value).map(([name, each]) => `${literalKey(name)}:${this.write(each)}`);
        if (Object.getPrototypeOf(value) === null) body.unshift("__proto__:null");
        return `{${body.join(",")}}`;
    }
}

/** Data as one expression of JavaScript. */
export function literal(value: unknown): string {
    const writer = new DataWriter([value]);
    const expression = writer.write(value);
    if (writer.declarations.length === 0) return expression;
    return `(() => {${writer.declarations.join("")}return ${expression};})()`;
}
