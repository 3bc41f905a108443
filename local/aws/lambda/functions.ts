import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import type {
    Architecture,
    CreateFunctionCommandOutput,
    CreateFunctionRequest,
    DeleteFunctionCommandOutput,
    DeleteFunctionRequest,
    FunctionConfiguration,
    GetFunctionCommandOutput,
    GetFunctionConfigurationCommandOutput,
    GetFunctionRequest,
    ListFunctionsCommandOutput,
    ListFunctionsRequest,
    UpdateFunctionCodeCommandOutput,
    UpdateFunctionCodeRequest,
    UpdateFunctionConfigurationCommandOutput,
    UpdateFunctionConfigurationRequest,
} from "@aws-sdk/client-lambda";
import type { TwinContext } from "../context";
import type { Caller, Operation } from "../service";
import { type FunctionCode, installCode, pruneCode } from "./code";
import { settings } from "./configuration";
import type { DeadLetters } from "./dead-letters";
import { describe, type FunctionStore, type StoredFunction } from "./function-store";
import { functionArn, functionName, invalidParameter, unsupported } from "./names";

/** As the SDK's input, besides code as a folder for callers in-process. */
export type CreateFunctionInput = Omit<CreateFunctionRequest, "Code"> & { readonly Code: FunctionCode };
export type UpdateFunctionCodeInput = Omit<UpdateFunctionCodeRequest, "ZipFile"> & FunctionCode;

export interface FunctionOperations {
    CreateFunction: Operation<CreateFunctionInput, CreateFunctionCommandOutput>;
    UpdateFunctionCode: Operation<UpdateFunctionCodeInput, UpdateFunctionCodeCommandOutput>;
    UpdateFunctionConfiguration: Operation<
        UpdateFunctionConfigurationRequest,
        UpdateFunctionConfigurationCommandOutput
    >;
    GetFunction: Operation<GetFunctionRequest, GetFunctionCommandOutput>;
    GetFunctionConfiguration: Operation<GetFunctionRequest, GetFunctionConfigurationCommandOutput>;
    ListFunctions: Operation<ListFunctionsRequest, ListFunctionsCommandOutput>;
    DeleteFunction: Operation<DeleteFunctionRequest, DeleteFunctionCommandOutput>;
}

/** What must happen when a function changes. */
export interface FunctionChanges {
    /** Code or settings are new: environments with the old ones serve no further invocation. */
    changed(name: string): void;
    removed(name: string): void;
}

export function functionOperations(
    context: TwinContext,
    functions: FunctionStore,
    deadLetters: DeadLetters,
    changes: FunctionChanges,
): FunctionOperations {
    const { iam, store, clock } = context;
    const home = (name: string) => join(store.folder, "lambda", name);

    function permitted(caller: Caller, action: string, reference: string | undefined, qualifier?: string): string {
        const name = functionName(reference, qualifier);
        iam.authorize(caller, `lambda:${action}`, functionArn(name), { status: 403 });
        return name;
    }

    /** AWS asks this when a function is made or given another role, and it is the most common mistake in policies. */
    function checkRole(roleArn: string): void {
        if (!iam.mayAssume(roleArn, "lambda.amazonaws.com")) {
            throw invalidParameter("The role defined for the function cannot be assumed by Lambda.");
        }
    }

    async function save(name: string, change: Partial<StoredFunction>): Promise<FunctionConfiguration> {
        const saved = await functions.update(name, (current) => ({ ...current, ...change, ...stamp(clock.now()) }));
        changes.changed(name);
        return describe(saved);
    }

    return {
        async CreateFunction(input, caller) {
            const name = permitted(caller, "CreateFunction", input.FunctionName);
            refuse("CreateFunction", {
                "PackageType Image": input.PackageType === "Image",
                Publish: input.Publish === true,
                CodeSigningConfigArn: input.CodeSigningConfigArn !== undefined,
                TenancyConfig: input.TenancyConfig !== undefined,
            });
            const given = settings("CreateFunction", name, input, undefined);
            checkRole(given.Role);
            if (given.DeadLetterTarget !== undefined) deadLetters.check(given.DeadLetterTarget, given.Role);
            const created = await functions.insert({
                name,
                settings: given,
                code: installCode(home(name), input.Code),
                architecture: architecture(input.Architectures) ?? "x86_64",
                ...stamp(clock.now()),
                tags: { ...input.Tags },
                permissions: [],
                eventInvoke: undefined,
                reservedConcurrency: undefined,
            });
            return describe(created);
        },
        async UpdateFunctionCode(input, caller) {
            const name = permitted(caller, "UpdateFunctionCode", input.FunctionName);
            refuse("UpdateFunctionCode", {
                S3Bucket: input.S3Bucket !== undefined,
                ImageUri: input.ImageUri !== undefined,
                Publish: input.Publish === true,
            });
            const current = functions.get(name);
            if (input.DryRun === true) return describe(current);
            const code = installCode(home(name), input);
            pruneCode(home(name), [code.folder, current.code.folder]);
            return save(name, {
                code,
                architecture: architecture(input.Architectures) ?? current.architecture,
            });
        },
        async UpdateFunctionConfiguration(input, caller) {
            const name = permitted(caller, "UpdateFunctionConfiguration", input.FunctionName);
            const current = functions.get(name);
            const given = settings("UpdateFunctionConfiguration", name, input, current.settings);
            if (given.Role !== current.settings.Role) checkRole(given.Role);
            if (given.DeadLetterTarget !== undefined) deadLetters.check(given.DeadLetterTarget, given.Role);
            return save(name, { settings: given });
        },
        async GetFunction(input, caller) {
            const found = functions.get(permitted(caller, "GetFunction", input.FunctionName, input.Qualifier));
            return {
                Configuration: describe(found),
                Code: { RepositoryType: "S3" },
                ...(Object.keys(found.tags).length > 0 ? { Tags: { ...found.tags } } : {}),
                ...(found.reservedConcurrency === undefined
                    ? {}
                    : { Concurrency: { ReservedConcurrentExecutions: found.reservedConcurrency } }),
            };
        },
        async GetFunctionConfiguration(input, caller) {
            return describe(
                functions.get(permitted(caller, "GetFunctionConfiguration", input.FunctionName, input.Qualifier)),
            );
        },
        async ListFunctions(input, caller) {
            iam.authorize(caller, "lambda:ListFunctions", "*", { status: 403 });
            const from = input.Marker ?? "";
            const size = Math.min(input.MaxItems ?? 50, 50);
            const rest = functions.list().filter(({ name }) => name > from);
            const page = rest.slice(0, size);
            return {
                Functions: page.map(describe),
                ...(rest.length > page.length ? { NextMarker: page.at(-1)?.name } : {}),
            };
        },
        async DeleteFunction(input, caller) {
            const name = permitted(caller, "DeleteFunction", input.FunctionName, input.Qualifier);
            await functions.remove(name);
            changes.removed(name);
            rmSync(home(name), { recursive: true, force: true });
            return { StatusCode: 204 };
        },
    };
}

function refuse(operation: string, members: Readonly<Record<string, boolean>>): void {
    for (const [member, given] of Object.entries(members)) if (given) throw unsupported(operation, member);
}

function architecture(given: readonly Architecture[] | undefined): "x86_64" | "arm64" | undefined {
    const [only] = given ?? [];
    return only;
}

function stamp(now: number): Pick<StoredFunction, "lastModified" | "revision"> {
    return { lastModified: new Date(now).toISOString().replace("Z", "+0000"), revision: randomUUID() };
}
