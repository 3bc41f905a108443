import type { ArtefactJob } from "./artefact-job";
import { InlineError } from "./inline-error";
import { FileStamps } from "./known-artefacts";
import { artefactMadeBefore, type Made, makeArtefacts } from "./make-artefacts";
import { minifiedEnd } from "./parameter-loader";

interface Waiting {
    readonly job: ArtefactJob | InlineError;
    readonly resolve: (folder: string) => void;
    readonly reject: (error: unknown) => void;
}

let waiting: Waiting[] = [];
let stamps: FileStamps | undefined;

/**
 * The folder of an artefact. The artefacts that a program asks for in one turn of the event loop are made together: a run
 * of the bundler reads what they share once, and what is wrong with any of them is told at once, in one error.
 *
 * @param job What it is made from, or why it cannot be made.
 */
export function artefactFolder(job: ArtefactJob | InlineError): Promise<string> {
    const made = job instanceof InlineError ? job : before(job);
    if (made !== undefined && "folder" in made) return Promise.resolve(made.folder);
    // The bundler is another process, which can start while the program goes on.
    if (waiting.length === 0) void minifiedEnd().then(makeAll, makeAll);
    return new Promise((resolve, reject) => waiting.push({ job: made ?? job, resolve, reject }));
}

function before(job: ArtefactJob): Made | undefined {
    if (stamps === undefined) {
        stamps = new FileStamps();
        // Files may change after this turn.
        setImmediate(() => {
            stamps = undefined;
        });
    }
    return artefactMadeBefore(job, stamps);
}

async function makeAll(): Promise<void> {
    const batch = waiting;
    waiting = [];
    try {
        const made = await makeArtefacts(batch.flatMap(({ job }) => (job instanceof InlineError ? [] : [job])));
        const results = batch.map(({ job, resolve }) => ({
            artefact: job instanceof InlineError ? job : made.get(job),
            resolve,
        }));
        const problems = results.flatMap(({ artefact }) => (artefact instanceof InlineError ? artefact.problems : []));
        if (problems.length > 0) throw new InlineError(problems);
        for (const { artefact, resolve } of results) {
            if (artefact !== undefined && "folder" in artefact) resolve(artefact.folder);
        }
    } catch (error) {
        // One object for all: Pulumi shows an error once.
        for (const { reject } of batch) reject(error);
    }
}
