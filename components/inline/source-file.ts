import { readFileSync, statSync } from "node:fs";
import { type ParserPlugin, parse } from "@babel/parser";
import traverse, { type NodePath } from "@babel/traverse";
import type * as t from "@babel/types";
import type { Location } from "./inline-error";

/** A name that a file takes from another module. */
export interface ImportedName {
    readonly specifier: string;
    /** The exported name; `*` for the module's namespace, `=` for what `require` returns. */
    readonly name: string;
}

/** What stands behind an exported name. */
export type ExportedName = { readonly local: string } | ImportedName;

/** A user's source file, parsed, with what it takes and gives. */
export interface SourceFile {
    readonly path: string;
    readonly text: string;
    readonly program: NodePath<t.Program>;
    /** By local name; type-only imports are left out. */
    readonly imports: ReadonlyMap<string, ImportedName>;
    readonly exports: ReadonlyMap<string, ExportedName>;
    /** Specifiers of `export * from`. */
    readonly exportAll: readonly string[];
    /** Specifiers imported for their effects alone. */
    readonly effects: readonly string[];
    /** False for a CommonJS file, whose exports cannot be known from its text. */
    readonly isModule: boolean;
}

/** The export name under which a default export's own value is known. */
export const defaultExport = "default";

function parseText(path: string, text: string): t.File {
    const language: ParserPlugin[] = /\.[cm]?tsx?$/.test(path) ? ["typescript"] : [];
    if (path.endsWith("x") || language.length === 0) language.push("jsx");
    const attempt = (decorators: ParserPlugin) =>
        parse(text, {
            sourceType: "unambiguous",
            allowReturnOutsideFunction: true,
            plugins: [...language, decorators, "decoratorAutoAccessors", "explicitResourceManagement"],
        });
    try {
        return attempt("decorators");
    } catch (error) {
        // Decorators of parameters exist in TypeScript's older dialect only.
        if (!text.includes("@")) throw error;
        return attempt("decorators-legacy");
    }
}

/** The name of an import's or export's specifier, which may be written as a string. */
function moduleName(node: t.Identifier | t.StringLiteral): string {
    return node.type === "Identifier" ? node.name : node.value;
}

function readImport(node: t.ImportDeclaration, imports: Map<string, ImportedName>, effects: string[]): void {
    if (node.importKind === "type" || node.importKind === "typeof") return;
    const specifier = node.source.value;
    if (node.specifiers.length === 0) effects.push(specifier);
    for (const item of node.specifiers) {
        if (item.type === "ImportNamespaceSpecifier") imports.set(item.local.name, { specifier, name: "*" });
        else if (item.type === "ImportDefaultSpecifier")
            imports.set(item.local.name, { specifier, name: defaultExport });
        else if (item.importKind !== "type")
            imports.set(item.local.name, { specifier, name: moduleName(item.imported) });
    }
}

function readImportEquals(node: t.TSImportEqualsDeclaration, imports: Map<string, ImportedName>): void {
    const { moduleReference } = node;
    if (moduleReference.type !== "TSExternalModuleReference" || node.importKind === "type") return;
    imports.set(node.id.name, { specifier: moduleReference.expression.value, name: "=" });
}

/** True for a function or class in parentheses: its name is its own matter. */
function isExpression({ type }: t.Node): boolean {
    return type === "FunctionExpression" || type === "ClassExpression";
}

function readExport(path: NodePath<t.Node>, exports: Map<string, ExportedName>, exportAll: string[]): void {
    const { node } = path;
    if (node.type === "ExportAllDeclaration" && node.exportKind !== "type") exportAll.push(node.source.value);
    if (node.type === "ExportDefaultDeclaration") {
        const { declaration } = node;
        const name =
            declaration.type === "Identifier"
                ? declaration.name
                : "id" in declaration && declaration.id?.type === "Identifier" && !isExpression(declaration)
                  ? declaration.id.name
                  : defaultExport;
        exports.set(defaultExport, { local: name });
    }
    if (node.type !== "ExportNamedDeclaration" || node.exportKind === "type") return;
    for (const item of node.specifiers) {
        const specifier = node.source?.value;
        const exported = moduleName(item.exported);
        if (item.type === "ExportNamespaceSpecifier" && specifier !== undefined)
            exports.set(exported, { specifier, name: "*" });
        if (item.type !== "ExportSpecifier" || item.exportKind === "type") continue;
        exports.set(
            exported,
            specifier === undefined
                ? { local: item.local.name }
                : { specifier, name: moduleName(item.local as t.Identifier) },
        );
    }
    const { declaration } = node;
    if (!declaration) return;
    if (declaration.type === "VariableDeclaration") {
        for (const name of Object.keys(path.getBindingIdentifiers())) exports.set(name, { local: name });
    } else if ("id" in declaration && declaration.id?.type === "Identifier") {
        exports.set(declaration.id.name, { local: declaration.id.name });
    }
}

const ambient = (node: object) => "declare" in node && node.declare === true;

/** Makes the scope tracker see values that only TypeScript has: enums and namespaces, at every level. */
function registerTypeScriptValues(program: NodePath<t.Program>): void {
    const register = (path: NodePath<t.TSEnumDeclaration | t.TSModuleDeclaration>) => {
        const { node, scope } = path;
        // Parts of a merged enum or namespace share one binding.
        if (ambient(node) || node.id.type !== "Identifier" || scope.hasOwnBinding(node.id.name)) return;
        scope.registerBinding("let", path.get("id") as NodePath<t.Node>, path);
    };
    program.traverse({ TSEnumDeclaration: register, TSModuleDeclaration: register });
}

function read(path: string, text: string): SourceFile {
    const tree = parseText(path, text);
    let found: NodePath<t.Program> | undefined;
    traverse(tree, {
        Program(program) {
            found = program;
            program.stop();
        },
    });
    if (!found) throw new Error(`${path} holds no program`);
    const program = found;
    const imports = new Map<string, ImportedName>();
    const exports = new Map<string, ExportedName>();
    const exportAll: string[] = [];
    const effects: string[] = [];
    for (const statement of program.get("body")) {
        if (statement.isImportDeclaration()) readImport(statement.node, imports, effects);
        else if (statement.isTSImportEqualsDeclaration()) readImportEquals(statement.node, imports);
        else readExport(statement, exports, exportAll);
    }
    registerTypeScriptValues(program);
    const isModule = tree.program.sourceType === "module";
    return { path, text, program, imports, exports, exportAll, effects, isModule };
}

const cache = new Map<string, { readonly stamp: string; readonly file: SourceFile }>();

/** Parses a file once for as long as it does not change. */
export function readSourceFile(path: string): SourceFile {
    const { mtimeMs, size } = statSync(path);
    const stamp = `${mtimeMs}/${size}`;
    const known = cache.get(path);
    if (known?.stamp === stamp) return known.file;
    const file = read(path, readFileSync(path, "utf8"));
    cache.set(path, { stamp, file });
    return file;
}

/** The names under which a file exports one of its own, or one that it imports. */
export function exportNames(file: SourceFile, local: string): string[] {
    return [...file.exports].flatMap(([name, from]) => ("local" in from && from.local === local ? [name] : []));
}

/** The place of a node, for messages. */
export function locationOf(file: SourceFile, node: t.Node): Location {
    return { file: file.path, line: node.loc?.start.line ?? 1, column: (node.loc?.start.column ?? 0) + 1 };
}
