// Resources of services that the twin does not have: validated and kept in the stack's state, without effect.

import { mapProperties } from "../values";
import type { Naming } from "./naming";
import { type ResourceType, resourceType } from "./resource-type";
import type { ArgumentsOf, CheckFailure, Members } from "./shape";

export interface RecordOnly<M extends Members> {
    readonly type: string;
    readonly arguments: M;
    readonly replacedBy: readonly ((keyof M & string) | "*")[];
    readonly naming?: Naming;
    readonly identity?: readonly (keyof M & string)[];
    /** What does not happen here, as a sentence, for example "nothing scales on this machine". */
    readonly because: string;
    validate?(inputs: ArgumentsOf<M>): CheckFailure[];
    id(inputs: ArgumentsOf<M>): string;
    /** Computed properties. */
    outputs(inputs: ArgumentsOf<M>, id: string): Readonly<Record<string, unknown>>;
}

/** Defines a resource type that is only recorded, and says so when one is made. */
export function recordOnlyType<const M extends Members>(definition: RecordOnly<M>): ResourceType {
    const { because, id, outputs, ...rest } = definition;
    return resourceType<M>({
        ...rest,
        async create(inputs, { tell }) {
            tell("warning", `${definition.type} is only recorded here: ${because}.`);
            const made = id(inputs);
            return { id: made, outputs: outputs(inputs, made) };
        },
        async update(existing, inputs) {
            return { ...mapProperties(existing.outputs, (value) => value), ...outputs(inputs, existing.id) };
        },
        async read(_, __, existing) {
            if (existing !== undefined) return {};
            throw new Error(`${definition.type} is only recorded here, in the stack that made it: ${because}.`);
        },
        async delete() {},
    });
}
