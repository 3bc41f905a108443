import Ajv2020 from "ajv/dist/2020";
import type { JsonSchema } from "../schema";
import { isObject, type Schema } from "./schema";

/** Judges single values by schemas of one root, as a stage does. */
export interface Validity {
    /** Undefined where a schema cannot be used. */
    isValid(value: unknown, schemas: readonly Schema[]): boolean | undefined;
}

const rootName = "root";

export function validityIn(root: JsonSchema): Validity {
    const compiled = new Map<string, ((value: unknown) => boolean) | undefined>();
    const definitions = { [rootName]: rebased(root) };

    function compile(schemas: readonly Schema[]): ((value: unknown) => boolean) | undefined {
        const ajv = new Ajv2020({ strict: false, validateFormats: false, validateSchema: false, logger: false });
        try {
            const validate = ajv.compile({ allOf: schemas.map(rebased), $defs: definitions });
            return (value) => validate(value) === true;
        } catch {
            return undefined;
        }
    }

    return {
        isValid(value, schemas) {
            const key = JSON.stringify(schemas);
            if (!compiled.has(key)) compiled.set(key, compile(schemas));
            try {
                return compiled.get(key)?.(value);
            } catch {
                // A schema that refers to itself without end.
                return undefined;
            }
        },
    };
}

/** The schema with references that lead to where its root is kept. */
function rebased(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(rebased);
    if (!isObject(value)) return value;
    const entries = Object.entries(value).flatMap(([name, member]): [string, unknown][] => {
        if (name === "$ref" && typeof member === "string" && member.startsWith("#")) {
            return [[name, `#/$defs/${rootName}${member.slice(1)}`]];
        }
        // With an identifier of its own, references would start there.
        const isIdentifier = (name === "$id" || name === "$schema") && typeof member === "string";
        return isIdentifier ? [] : [[name, rebased(member)]];
    });
    return Object.fromEntries(entries);
}
