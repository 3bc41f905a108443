import type { Random } from "../../../random";

const few = ["a", "b", "c", "x", "value", "name", "data", "item", "list", "limit", "input"];

/** Names that generated modules, the bundler or compilers use themselves. */
const traps = [
    "value0",
    "value1",
    "entry0",
    "entry1",
    "handler",
    "adapt",
    "exports",
    "require",
    "module",
    "output",
    "text",
    "decode",
    "sortlineCallback0",
    "sortlineCallback1",
    "factory0",
    "init_values",
    "import_values",
    "sortline",
    "stdin_default",
    "index_default",
    "__esm",
    "__commonJS",
    "__toESM",
    "__export",
    "__defProp",
    "__name",
    "given",
    "taken",
];

const globals = ["Buffer", "process", "Map", "Set", "Object", "Array", "Math", "JSON", "Error", "Promise", "Symbol"];
const numbered = ["a2", "a3", "b2", "x2", "x_1", "value2", "name_1", "name2", "data2", "limit2", "limit_1", "c2"];
// `async` and `as` are left out: esbuild takes some calls of the one, and a namespace of the other, for other syntax.
const unusual = ["ñame", "größe", "数", "$", "_", "$$", "_a", "of", "type", "from", "get", "set", "K", "ａ"];

/** A name for a variable, often one that is in use elsewhere. */
export function pickName(random: Random): string {
    const draw = random.next();
    if (draw < 0.45) return random.pick(few);
    if (draw < 0.6) return random.pick(traps);
    if (draw < 0.68) return random.pick(globals);
    if (draw < 0.78) return random.pick(numbered);
    if (draw < 0.86) return random.pick(unusual);
    return `${random.pick(["kept", "sum", "part", "cell"])}${random.below(1000)}`;
}

export const isTrap = (name: string): boolean => traps.includes(name);
export const isGlobal = (name: string): boolean => globals.includes(name);
export const isNumbered = (name: string): boolean => numbered.includes(name);
export const isUnicode = (name: string): boolean => /[^\x20-\x7e]/.test(name);
export const isName = (text: string): boolean => /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(text);
