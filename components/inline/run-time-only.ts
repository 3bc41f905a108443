import * as pulumi from "@pulumi/pulumi";
import { callOf } from "./call-site";
import { formatLocation } from "./inline-error";

/**
 * What a component's run-time method does when the program itself calls it: to be called by that method, directly.
 *
 * @param component The component's class, for example `WorkQueue`.
 * @param name The name that the component has in the program.
 * @param method The method.
 * @throws pulumi.RunError always: what was called where, and what to do. Pulumi prints it without a stack.
 */
export function runTimeOnly(component: string, name: string, method: string): never {
    const location = callOf(method);
    throw new pulumi.RunError(
        `${component} "${name}": ${method}() was called while deploying\n${
            location ? `    at ${formatLocation(location)}\n` : ""
        }    Call it inside of a handler, for example: stream.stage("name", {}, async (message) => { await x.${method}(…); })`,
    );
}
