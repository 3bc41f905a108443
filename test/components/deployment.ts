import * as pulumi from "@pulumi/pulumi";

/** A resource that a program registered. */
export interface Registered {
    readonly type: string;
    readonly name: string;
    readonly inputs: Record<string, unknown>;
}

/** What a deployment under mocks registered. */
export interface Deployment {
    readonly resources: Registered[];
    /** The one resource with this name. */
    named(name: string): Registered;
    /** How many there are of each type of AWS resource. */
    counts(): Record<string, number>;
    /** The statements of a role's policy. */
    statements(name: string): { Effect: string; Action: string[]; Resource: string[]; Condition?: unknown }[];
    /** Resolves when all that was made so far is registered. */
    settled(): Promise<void>;
    /** Forgets what was registered. */
    clear(): void;
}

// What Pulumi itself waits for at the end of a program. It is there, but its types keep it to themselves.
const { waitForRPCs } = pulumi.runtime as unknown as { waitForRPCs(): Promise<void> };

/** Values that AWS would make up. */
function computed(type: string, name: string, inputs: Record<string, unknown>): Record<string, unknown> {
    const service = type.slice("aws:".length).split("/")[0] ?? "";
    return {
        arn: `arn:aws:${service}:eu-central-1:123456789012:${name}`,
        name,
        bucket: name,
        url: `https://sqs.eu-central-1.amazonaws.com/123456789012/${name}.fifo`,
        uuid: `uuid-${name}`,
        version: 1,
        ...inputs,
    };
}

const INVOKES: Record<string, Record<string, unknown>> = {
    "aws:index/getCallerIdentity:getCallerIdentity": { accountId: "123456789012" },
    "aws:index/getPartition:getPartition": { partition: "aws" },
};

/** Sets Pulumi's mocks, which are global: call it in `before`. */
export async function mockDeployment({
    project = "shop",
    stack = "dev",
    region = "eu-central-1",
} = {}): Promise<Deployment> {
    const resources: Registered[] = [];
    await pulumi.runtime.setMocks(
        {
            newResource: ({ type, name, inputs }) => {
                resources.push({ type, name, inputs });
                return { id: `${name}-id`, state: computed(type, name, inputs) };
            },
            call: ({ token }) => {
                const answer = token === "aws:index/getRegion:getRegion" ? { region } : INVOKES[token];
                if (answer === undefined) throw new Error(`The mocks know no answer to ${token}.`);
                return answer;
            },
        },
        project,
        stack,
    );
    const named = (name: string) => {
        const [found, ...others] = resources.filter((resource) => resource.name === name);
        if (found === undefined || others.length > 0) throw new Error(`${others.length + 1} resources ${name}`);
        return found;
    };
    return {
        resources,
        named,
        counts: () => {
            const counts: Record<string, number> = {};
            for (const { type } of resources) counts[type] = (counts[type] ?? 0) + 1;
            return counts;
        },
        statements: (name) => (JSON.parse(String(named(name).inputs.policy)) as { Statement: [] }).Statement,
        settled: waitForRPCs,
        clear: () => void resources.splice(0),
    };
}

/** The value of an output, once everything before it is registered. */
export function resolved<T>(output: pulumi.Output<T>): Promise<T> {
    return new Promise((resolve) => output.apply(resolve));
}

/** The URN of a resource. */
export function urnOf(resource: pulumi.Resource): Promise<string> {
    return resolved(resource.urn);
}
