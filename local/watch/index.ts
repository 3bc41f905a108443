import * as path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { EngineEvent } from "../pulumi";
import type { Twin } from "../twin";
import type { TwinFile } from "../twin-file";
import { codeChanges } from "./code-changes";
import { changedFiles, type Snapshot, takeSnapshot } from "./snapshot";
import { watchSources } from "./sources";

/** What a watch tells. */
export type WatchEvent =
    /** Files were saved: paths from the project's folder. Invocations wait. */
    | { readonly kind: "saved"; readonly files: readonly string[] }
    /** What the engine tells of the deployment. */
    | { readonly kind: "deployment"; readonly event: EngineEvent }
    /** Deployed: invocations go on, with the new code. */
    | {
          readonly kind: "deployed";
          /** Functions whose code is new, by the names of their components. */
          readonly functions: readonly string[];
          /** Since the last save. */
          readonly milliseconds: number;
      }
    /** The program or its deployment failed: invocations go on with the code from before, until the next save. */
    | { readonly kind: "failed"; readonly message: string }
    /** Something was saved before the program of the deployment had ended: that was ended, and the next one begins. */
    | { readonly kind: "superseded" }
    /** The deployment takes so long that invocations go on with the code from before. */
    | {
          readonly kind: "late";
          readonly milliseconds: number;
          /** The program itself has not ended: it may never. What is saved next ends it. */
          readonly programRuns: boolean;
      }
    /** Something cannot be watched. */
    | { readonly kind: "trouble"; readonly message: string };

/** What a watch needs of a twin. */
export interface WatchedTwin {
    readonly home: string;
    readonly file: Pick<TwinFile, "project">;
    readonly stack: Pick<Twin["stack"], "up" | "onLoaded" | "export">;
    readonly services: { readonly lambda: Pick<Twin["services"]["lambda"], "hold"> };
}

export interface WatchOptions {
    /** Milliseconds that invocations wait at most for new code. @default 30000 */
    readonly patience?: number;
    onEvent(event: WatchEvent): void;
}

export interface Watch {
    /** Sees at once what was saved before: its event may be yet to come. From then on invocations wait for it. */
    look(): void;
    /** Resolves when nothing that was saved is still to be deployed. */
    settled(): Promise<void>;
    close(): void;
}

/** Milliseconds without a further change after which a save is complete, and how long one may take at most. */
const quiet = 40;
const longestSave = 1_000;

const defaultPatience = 30_000;

/**
 * Deploys a twin's program whenever something is saved that it is made of. From the moment of a save on, invocations
 * wait until the new code is there, so that no record that comes after it meets the old one; records that were handled
 * before are not handled again, and functions whose code is the same keep their processes.
 *
 * To be called before the first deployment: what is saved during that is then not missed.
 */
export function watchProgram(twin: WatchedTwin, { patience = defaultPatience, onEvent }: WatchOptions): Watch {
    const { project } = twin.file;
    let seen: Snapshot;
    let release: (() => void) | undefined;
    let savedAt = 0;
    let firstSaveAt = 0;
    let timer: NodeJS.Timeout | undefined;
    let impatience: NodeJS.Timeout | undefined;
    let deploying: Promise<void> | undefined;
    /** Of the deployment whose program runs. */
    let program: AbortController | undefined;
    let superseding: NodeJS.Timeout | undefined;
    let closed = false;

    const sources = watchSources({
        project,
        home: twin.home,
        onChange,
        onTrouble: (message) => onEvent({ kind: "trouble", message }),
    });
    seen = takeSnapshot(sources.files());
    const forget = twin.stack.onLoaded((loaded) => {
        const added = sources.extend(loaded);
        seen = new Map([...takeSnapshot(added), ...seen]);
    });

    function onChange(): void {
        if (closed) return;
        savedAt = performance.now();
        if (release === undefined) {
            firstSaveAt = savedAt;
            release = twin.services.lambda.hold();
            impatience = setTimeout(() => {
                letGo();
                onEvent({ kind: "late", milliseconds: patience, programRuns: program !== undefined });
            }, patience).unref();
        }
        if (deploying !== undefined) {
            clearTimeout(superseding);
            superseding = setTimeout(supersede, quiet).unref();
            return;
        }
        clearTimeout(timer);
        const left = Math.max(0, longestSave - (savedAt - firstSaveAt));
        timer = setTimeout(begin, Math.min(quiet, left)).unref();
    }

    /** Ends a program that has not ended though what it is made of has changed: it may never end. */
    function supersede(): void {
        if (program !== undefined && changedFiles(seen, takeSnapshot(sources.files(), seen)).length > 0)
            program.abort();
    }

    function letGo(): void {
        clearTimeout(impatience);
        release?.();
        release = undefined;
    }

    function begin(): void {
        timer = undefined;
        deploying ??= deployUntilQuiet().finally(() => {
            deploying = undefined;
            letGo();
        });
    }

    /** Several saves in a row are one deployment; what is saved during one is deployed after it. */
    async function deployUntilQuiet(): Promise<void> {
        for (let superseded = false; ; ) {
            // Half a save would be deployed for nothing.
            while (performance.now() - savedAt < quiet) await wait(quiet);
            const now = takeSnapshot(sources.files(), seen);
            const files = changedFiles(seen, now);
            seen = now;
            if ((files.length === 0 && !superseded) || closed) return;
            onEvent({ kind: "saved", files: files.map((file) => path.relative(project, file)).sort() });
            superseded = await deploy();
        }
    }

    /** @returns whether it was superseded. */
    async function deploy(): Promise<boolean> {
        const own = new AbortController();
        program = own;
        const begun = savedAt;
        const changes = codeChanges();
        try {
            await twin.stack.up((event) => {
                changes.note(event);
                // Told at the program's end.
                if (event.kind === "loaded") program = undefined;
                onEvent({ kind: "deployment", event });
            }, own.signal);
            const milliseconds = Math.round(performance.now() - begun);
            onEvent({ kind: "deployed", functions: changes.functions(twin.stack.export()), milliseconds });
        } catch (error) {
            if (closed) return false;
            if (own.signal.aborted) onEvent({ kind: "superseded" });
            else onEvent({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
        } finally {
            program = undefined;
        }
        return own.signal.aborted;
    }

    function look(): void {
        // While invocations wait, a deployment is to come, which takes up all that is saved before its end.
        if (closed || release !== undefined) return;
        const now = takeSnapshot(sources.files(), seen);
        if (changedFiles(seen, now).length > 0) onChange();
        else seen = now;
    }

    return {
        look,
        async settled() {
            look();
            while (timer !== undefined || deploying !== undefined) {
                await (deploying ?? wait(quiet));
            }
        },
        close() {
            closed = true;
            clearTimeout(timer);
            clearTimeout(superseding);
            timer = undefined;
            forget();
            sources.close();
            letGo();
        },
    };
}
