import type { NodePath } from "@babel/traverse";
import type * as t from "@babel/types";
import { type CapturedValue, holdsData } from "./captured-value";
import { formatLocation } from "./inline-error";
import { machineFolder } from "./machine-folder";
import { passingCode } from "./passing-code";
import type { Planning } from "./planning";
import type { SourceFile } from "./source-file";

/** A place of which people should know, although nothing is wrong. */
export type Warn = (at: NodePath<t.Node>, file: SourceFile, what: string) => void;

/** A variable whose value was taken, and where it is made. */
interface TakenVariable {
    readonly file: SourceFile;
    readonly path: NodePath<t.Node>;
    readonly name: string;
    readonly captured: CapturedValue;
}

/** Warns of data that differs from run to run or from machine to machine: the function is deployed again each time. */
export class DataWarnings {
    readonly #planning: Planning;
    readonly #warn: Warn;
    readonly #taken: TakenVariable[] = [];

    constructor(planning: Planning, warn: Warn) {
        this.#planning = planning;
        this.#warn = warn;
    }

    /** Data becomes a part of the artefact. */
    readonly onData = (at: NodePath<t.Node>, value: unknown, name: string): void => {
        const file = this.#planning.fileOf(at);
        const folder = machineFolder(value, file.path);
        if (folder === undefined) return;
        const what = `holds the path of a folder of this machine, ${folder}: the function is deployed again from every other one`;
        this.#warn(at, file, `"${name}" ${what}. Capture a path within the project, or the file's content`);
    };

    /** A variable of another file travels as code, and holds something else now than its code makes. */
    changed(path: NodePath<t.Node>, file: SourceFile, name: string): void {
        const what = "was changed while deploying, and the function gets what its own code makes";
        this.#warn(
            path,
            file,
            `"${name}" ${what}. Copy what it holds into a constant beside the stage, or make it whole where it is declared`,
        );
    }

    /** A variable travels as a value: at the end only it is known whether data in it is used. */
    taken(variable: TakenVariable): void {
        this.#taken.push(variable);
    }

    /** Warns of what makes the data that was used. */
    finish(): void {
        for (const { file, path, name, captured } of this.#taken) {
            if (!path.isVariableDeclarator() || !holdsData(captured)) continue;
            for (const { kind, words, location } of passingCode(file, path)) {
                const what =
                    kind === "environment"
                        ? "holds what the environment of this machine says; the function gets that value"
                        : `is made with ${words} (${formatLocation(location)}), which differs from run to run: the function is deployed again at every \`up\`. Make it in the handler, or take it from the stack's configuration`;
                this.#warn(path, file, `"${name}" ${what}`);
            }
        }
    }
}
