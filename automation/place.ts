import { type Connection, withConnection } from "./connection";
import { withStack } from "./stack-connection";

/** Where the pipeline runs that a command works on. */
export interface Place {
    /** Folder of the twin's state. */
    readonly home: string;
    /** A stack that the Pulumi command deployed, instead of the twin. */
    readonly stack: string | undefined;
}

/** Runs some work with a connection to a stack, where one is named, else to the twin that runs in the home folder. */
export function withPipeline<T>({ home, stack }: Place, work: (connection: Connection) => Promise<T>): Promise<T> {
    return stack === undefined ? withConnection(home, work) : withStack(stack, work);
}
