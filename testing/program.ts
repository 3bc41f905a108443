import type { EventStream } from "../components";

/** The streams that a program exports, by the names of the exports, with the type of their records. */
type Streams<Program> = {
    readonly [Name in keyof Program & string as Program[Name] extends EventStream<infer _>
        ? Name
        : never]: Program[Name] extends EventStream<infer T> ? T : never;
};

/**
 * How a test names a stream: as the program exports it, where its type is `typeof import("./program")`; or by the name
 * that the program gives it, with records of unknown type.
 */
export type StreamName<Program> = keyof Streams<Program> | (string & {});

/** The type of a stream's records; unknown for one that the program does not export. */
export type RecordOf<Program, Name> = Name extends keyof Streams<Program> ? Streams<Program>[Name] : unknown;
