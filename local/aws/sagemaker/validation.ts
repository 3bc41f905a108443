import { AwsError } from "../service";

/** An input that SageMaker refuses. */
export function validationError(message: string): AwsError {
    return new AwsError("ValidationException", message);
}

/** All that is wrong with one input, reported together in AWS's words. */
export class Problems {
    readonly #found: string[] = [];

    add(problem: string): void {
        this.#found.push(problem);
    }

    /** Takes over what was found in a part of the input. */
    include(part: string, problems: Problems): void {
        for (const problem of problems.#found) this.add(`${part}: ${problem}`);
    }

    required(value: unknown, member: string): void {
        if (value === undefined || value === null || value === "") {
            this.add(`Value null at '${member}' failed to satisfy constraint: Member must not be null`);
        }
    }

    /** A name of letters, digits and hyphens, not beginning or ending with a hyphen. */
    name(value: string | undefined, member: string, longest = 63): void {
        if (value === undefined || value === "") {
            this.required(value, member);
            return;
        }
        const constraint = `Value '${value}' at '${member}' failed to satisfy constraint: Member must`;
        if (value.length > longest) this.add(`${constraint} have length less than or equal to ${longest}`);
        if (!/^[a-zA-Z0-9](-*[a-zA-Z0-9])*$/.test(value)) {
            this.add(`${constraint} satisfy regular expression pattern: [a-zA-Z0-9](-*[a-zA-Z0-9]){0,${longest - 1}}`);
        }
    }

    atMost(count: number, largest: number, member: string): void {
        if (count <= largest) return;
        this.add(
            `Value at '${member}' failed to satisfy constraint: Member must have length less than or equal to ${largest} (it has ${count})`,
        );
    }

    within(value: number | undefined, [smallest, largest]: readonly [number, number], member: string): void {
        if (value === undefined || (value >= smallest && value <= largest)) return;
        this.add(
            `Value '${value}' at '${member}' failed to satisfy constraint: Member must have value between ${smallest} and ${largest}`,
        );
    }

    oneOf(value: string | undefined, allowed: readonly string[], member: string): void {
        if (value === undefined || allowed.includes(value)) return;
        this.add(
            `Value '${value}' at '${member}' failed to satisfy constraint: Member must satisfy enum value set: [${allowed.join(", ")}]`,
        );
    }

    /** Something that SageMaker has and the twin has not. */
    unsupported(value: unknown, member: string, hint = ""): void {
        if (value === undefined || value === null) return;
        this.add(`The local twin does not support '${member}'${hint === "" ? "" : `: ${hint}`}`);
    }

    /** @throws AwsError ValidationException when something was found. */
    throwIfAny(): void {
        const count = this.#found.length;
        if (count === 0) return;
        throw validationError(`${count} validation error${count === 1 ? "" : "s"} detected: ${this.#found.join("; ")}`);
    }
}
