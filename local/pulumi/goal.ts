import type { Properties } from "./values";

/** Another address that a resource had: a whole URN, or what differs from the present one. */
export type Alias =
    | { readonly urn: string }
    | {
          readonly name?: string;
          readonly type?: string;
          readonly stack?: string;
          readonly project?: string;
          readonly parent?: string;
          readonly noParent?: boolean;
      };

/** What a hook of the program is told of an update. */
export interface UpdateInHook {
    readonly urn: string;
    readonly id: string | undefined;
    readonly name: string;
    readonly type: string;
    readonly newInputs: Properties;
    readonly oldInputs: Properties;
    readonly oldOutputs: Properties;
}

/** What a program wants a resource to be. Property values carry signatures for secrets, assets and resources. */
export interface Goal {
    readonly type: string;
    readonly name: string;
    readonly custom: boolean;
    readonly parent: string | undefined;
    readonly inputs: Properties;
    readonly dependencies: readonly string[];
    readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
    readonly protect: boolean;
    readonly retainOnDelete: boolean;
    /** Undefined: as the provider thinks fit. */
    readonly deleteBeforeReplace: boolean | undefined;
    readonly ignoreChanges: readonly string[];
    readonly replaceOnChanges: readonly string[];
    readonly additionalSecretOutputs: readonly string[];
    readonly aliases: readonly Alias[];
    /** What the program wants to do before the resource is updated; rejects to prevent it. */
    readonly beforeUpdate: readonly ((update: UpdateInHook) => Promise<void>)[];
}
