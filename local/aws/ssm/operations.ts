import type {
    AddTagsToResourceRequest,
    DeleteParameterRequest,
    DeleteParametersRequest,
    DeleteParametersResult,
    GetParameterRequest,
    GetParameterResult,
    GetParametersRequest,
    GetParametersResult,
    ListTagsForResourceRequest,
    ListTagsForResourceResult,
    PutParameterRequest,
    PutParameterResult,
    RemoveTagsFromResourceRequest,
    Parameter as SdkParameter,
} from "@aws-sdk/client-ssm";
import type { TwinContext } from "../context";
import { AwsError, type Caller, type Operation } from "../service";
import { createAccess } from "./access";
import { parameterArn, type Reference, readReference } from "./names";
import { newParameter, tagsOf } from "./new-parameter";
import type { Parameter, Parameters } from "./parameters";
import { oneTo, required, violated } from "./validation";

export interface SsmOperations {
    PutParameter: Operation<PutParameterRequest, PutParameterResult>;
    GetParameter: Operation<GetParameterRequest, GetParameterResult>;
    GetParameters: Operation<GetParametersRequest, GetParametersResult>;
    DeleteParameter: Operation<DeleteParameterRequest, object>;
    DeleteParameters: Operation<DeleteParametersRequest, DeleteParametersResult>;
    AddTagsToResource: Operation<AddTagsToResourceRequest, object>;
    RemoveTagsFromResource: Operation<RemoveTagsFromResourceRequest, object>;
    ListTagsForResource: Operation<ListTagsForResourceRequest, ListTagsForResourceResult>;
}

/** Names of one call of GetParameters or DeleteParameters. */
const namesOfCall = 10;

/** Parameter Store of Systems Manager. */
export function ssmOperations(context: TwinContext, parameters: Parameters): SsmOperations {
    const { store } = context;
    const access = createAccess(context);
    const reference = (name: string) => readReference(name, (path) => parameters.find(path) !== undefined);

    /** The parameter as an answer shows it; undefined when there is no such parameter or version. */
    function read(
        { name, version, selector }: Reference,
        decrypted: boolean,
        caller: Caller,
    ): SdkParameter | undefined {
        const found = parameters.version(name, version);
        if (found === undefined) return undefined;
        const hidden = found.type === "SecureString" && !decrypted;
        if (found.type === "SecureString" && decrypted) access.key(caller, "kms:Decrypt", { name, keyId: found.keyId });
        return {
            Name: name,
            Type: found.type,
            Value: hidden ? found.sealed : parameters.open(found),
            Version: found.version,
            Selector: selector,
            LastModifiedDate: new Date(found.modified),
            ARN: parameterArn(name),
            DataType: "text",
        };
    }

    /** Changes tags. Not in a group commit: nothing may change the parameter between its reading and its writing. */
    function retag(
        action: string,
        { ResourceType, ResourceId }: { ResourceType?: string; ResourceId?: string },
        caller: Caller,
        change: (parameter: Parameter) => Record<string, string>,
    ): object {
        const parameter = tagged(action, ResourceType, ResourceId, caller);
        store.transaction(() => parameters.describe({ ...parameter, tags: change(parameter) }));
        return {};
    }

    function tagged(action: string, type: string | undefined, id: string | undefined, caller: Caller): Parameter {
        if (type !== "Parameter") {
            throw new AwsError("NotImplemented", `The local twin has no tags of ssm resources of type ${type}.`, 501);
        }
        const name = required(id, "resourceId");
        access.parameter(caller, action, name);
        const found = parameters.find(name);
        if (found === undefined) throw new AwsError("InvalidResourceId", `There is no parameter ${name}.`);
        return found;
    }

    return {
        async PutParameter(input, caller) {
            const name = required(input.Name, "name").trim();
            access.parameter(caller, "PutParameter", name);
            if ((input.Tags?.length ?? 0) > 0) access.parameter(caller, "AddTagsToResource", name);
            return store.commit(() => {
                const parameter = newParameter(name, input, parameters.find(name));
                const action = parameter.tier === "Standard" ? "kms:Encrypt" : "kms:GenerateDataKey";
                access.key(caller, action, parameter);
                parameters.put(parameter, required(input.Value, "value"));
                return { Version: parameter.version, Tier: parameter.tier };
            });
        },
        async GetParameter({ Name, WithDecryption = false }, caller) {
            const wanted = reference(required(Name, "name"));
            access.parameter(caller, "GetParameter", wanted.name);
            const found = read(wanted, WithDecryption, caller);
            if (found !== undefined) return { Parameter: found };
            if (parameters.find(wanted.name) === undefined) throw notFound(wanted.name);
            throw new AwsError(
                "ParameterVersionNotFound",
                `Systems Manager could not find version ${wanted.version} of ${wanted.name}. Verify the version and try again.`,
            );
        },
        async GetParameters({ Names, WithDecryption = false }, caller) {
            const names = oneTo(namesOfCall, Names, "names");
            const twice = names.find((name, position) => names.indexOf(name) !== position);
            if (twice !== undefined)
                throw violated("names", "Member must have unique members", `[${names.join(", ")}]`);
            const wanted = names.map(reference);
            for (const { name } of wanted) access.parameter(caller, "GetParameters", name);
            const found = wanted.map((each) => read(each, WithDecryption, caller));
            return {
                Parameters: found.filter((each) => each !== undefined),
                InvalidParameters: names.filter((_, position) => found[position] === undefined),
            };
        },
        async DeleteParameter({ Name }, caller) {
            const name = required(Name, "name");
            access.parameter(caller, "DeleteParameter", name);
            await store.commit(() => {
                if (!parameters.remove(name)) throw notFound(name);
            });
            return {};
        },
        async DeleteParameters({ Names }, caller) {
            const names = oneTo(namesOfCall, Names, "names");
            for (const name of names) access.parameter(caller, "DeleteParameters", name);
            return store.commit(() => {
                const deleted = names.filter((name) => parameters.remove(name));
                return {
                    DeletedParameters: deleted,
                    InvalidParameters: names.filter((name) => !deleted.includes(name)),
                };
            });
        },
        async AddTagsToResource(input, caller) {
            return retag("AddTagsToResource", input, caller, ({ tags }) => tagsOf(input.Tags, tags));
        },
        async RemoveTagsFromResource(input, caller) {
            return retag("RemoveTagsFromResource", input, caller, ({ tags }) =>
                Object.fromEntries(Object.entries(tags).filter(([key]) => input.TagKeys?.includes(key) !== true)),
            );
        },
        async ListTagsForResource({ ResourceType, ResourceId }, caller) {
            const { tags } = tagged("ListTagsForResource", ResourceType, ResourceId, caller);
            return { TagList: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
        },
    };
}

/** AWS says no more than the code. */
function notFound(name: string): AwsError {
    return new AwsError("ParameterNotFound", `The parameter ${name} cannot be found.`);
}
