import type { Services } from "../../aws/services";
import type { Properties } from "../values";
import type { Naming } from "./naming";
import type { ArgumentsOf, CheckFailure, Members } from "./shape";

/** What the resource types work with. */
export interface ProviderContext {
    readonly services: Services;
    /** Says something to the person who deploys, once a run. Never a secret. */
    tell(severity: "info" | "warning", message: string): void;
}

/** A resource that was made or read. Members that are undefined are left out. */
export interface Made {
    readonly id: string;
    /** Computed properties, such as `arn`; the arguments are added to them. */
    readonly outputs: Readonly<Record<string, unknown>>;
}

/** A resource as it stands. */
export interface Existing<Arguments> {
    readonly id: string;
    readonly inputs: Arguments;
    readonly outputs: Properties;
}

/** A resource type: its token, its arguments as data, and what to do with the twin's services. */
export interface ResourceDefinition<M extends Members> {
    /** Pulumi's type token, for example `aws:kinesis/stream:Stream`. */
    readonly type: string;
    /** The arguments that are supported. Any other is an error that names it. */
    readonly arguments: M;
    /** The arguments of which a change makes a new resource. `*` for all. */
    readonly replacedBy: readonly ((keyof M & string) | "*")[];
    /** Absent when names are not chosen by the provider. */
    readonly naming?: Naming;
    /** The arguments by which AWS tells two of them apart, where it is not the name alone: no second one with the same can be. */
    readonly identity?: readonly (keyof M & string)[];
    /** Computed properties that an update may change: a preview cannot know them. */
    readonly changedByUpdate?: readonly string[];
    /** What AWS takes an argument for that is left out, as far as a look-up tells it. */
    readonly assumed?: Properties;
    /** Outputs that are secret whatever the arguments, and so are the arguments of the same names. */
    readonly secretOutputs?: readonly string[];
    /** What is wrong with arguments that have the right shape. */
    validate?(inputs: ArgumentsOf<M>): CheckFailure[];
    /**
     * Makes the resource. When `resumed`, an earlier attempt was interrupted and may have made it, or a part of it.
     * An attempt that throws must leave nothing behind.
     */
    create(inputs: ArgumentsOf<M>, context: ProviderContext, resumed: boolean): Promise<Made>;
    /**
     * Looks up the resource: its arguments and computed properties as they are, undefined for an argument that is not
     * set; what is left out is not told. Undefined when there is no such resource. `inputs` are those that the stack has,
     * where it has the resource.
     */
    read(
        id: string,
        context: ProviderContext,
        inputs?: ArgumentsOf<M>,
    ): Promise<Readonly<Record<string, unknown>> | undefined>;
    /** What has moved though nothing was changed, such as an address with the twin's port; asked before anything else. */
    refresh?(existing: Existing<ArgumentsOf<M>>, context: ProviderContext): Promise<Made>;
    /** Changes the resource and gives its computed properties. Repeats without harm. */
    update?(
        existing: Existing<ArgumentsOf<M>>,
        inputs: ArgumentsOf<M>,
        context: ProviderContext,
    ): Promise<Readonly<Record<string, unknown>>>;
    /** Removes the resource. One that is gone already is no error. */
    delete(existing: Existing<ArgumentsOf<M>>, context: ProviderContext): Promise<void>;
}

/** A resource type whose arguments are checked at run time rather than by the compiler. */
export type ResourceType = ResourceDefinition<Members>;

/** Defines a resource type. */
export function resourceType<const M extends Members>(definition: ResourceDefinition<M>): ResourceType {
    // check() has proven that the arguments have the shape M before any method sees them.
    return definition as unknown as ResourceType;
}

/** A function of a provider, such as `aws:index/getRegion:getRegion`. */
export interface FunctionDefinition<M extends Members> {
    readonly token: string;
    readonly arguments: M;
    invoke(inputs: ArgumentsOf<M>, context: ProviderContext): Promise<Readonly<Record<string, unknown>>>;
}

export type ProviderFunction = FunctionDefinition<Members>;

/** Defines a provider function. */
export function providerFunction<const M extends Members>(definition: FunctionDefinition<M>): ProviderFunction {
    return definition as unknown as ProviderFunction;
}

/** What one service's file offers. */
export interface ServiceResources {
    readonly resources: readonly ResourceType[];
    readonly functions?: readonly ProviderFunction[];
}
