import type {
    CreateEventBusRequest,
    CreateEventBusResponse,
    DeleteEventBusRequest,
    DescribeEventBusRequest,
    DescribeEventBusResponse,
    ListEventBusesRequest,
    ListEventBusesResponse,
    PutPermissionRequest,
    RemovePermissionRequest,
    UpdateEventBusRequest,
    UpdateEventBusResponse,
} from "@aws-sdk/client-eventbridge";
import type { TwinContext } from "../context";
import { parsePolicy } from "../iam";
import { notImplemented } from "../protocol/json";
import { AwsError, type Operation } from "../service";
import { type Bus, type Buses, busArn } from "./buses";
import { pageOf } from "./paging";
import type { Rules } from "./rules";
import { tagMap } from "./tags";
import { invalid } from "./target";

export interface BusOperations {
    CreateEventBus: Operation<CreateEventBusRequest, CreateEventBusResponse>;
    UpdateEventBus: Operation<UpdateEventBusRequest, UpdateEventBusResponse>;
    DeleteEventBus: Operation<DeleteEventBusRequest, object>;
    DescribeEventBus: Operation<DescribeEventBusRequest, DescribeEventBusResponse>;
    ListEventBuses: Operation<ListEventBusesRequest, ListEventBusesResponse>;
    PutPermission: Operation<PutPermissionRequest, object>;
    RemovePermission: Operation<RemovePermissionRequest, object>;
}

export function busOperations(
    { iam, clock }: Pick<TwinContext, "iam" | "clock">,
    { buses, rules }: { buses: Buses; rules: Rules },
): BusOperations {
    return {
        async CreateEventBus({ Name = "", Description, DeadLetterConfig, Tags }, caller) {
            iam.authorize(caller, "events:CreateEventBus", busArn(Name));
            if (Name.includes("/")) throw invalid("Event bus name must not contain '/'.");
            if (buses.find(Name) !== undefined) {
                throw new AwsError("ResourceAlreadyExistsException", `Event bus ${Name} already exists.`);
            }
            const now = clock.now();
            const bus = buses.put({
                name: Name,
                description: Description,
                deadLetterArn: DeadLetterConfig?.Arn,
                tags: tagMap(Tags),
                created: now,
                modified: now,
            });
            return { EventBusArn: bus.arn, Description, DeadLetterConfig };
        },

        async UpdateEventBus({ Name, Description, DeadLetterConfig }, caller) {
            const bus = buses.require(Name);
            iam.authorize(caller, "events:UpdateEventBus", bus.arn);
            const description = Description ?? bus.description;
            const deadLetterArn = DeadLetterConfig === undefined ? bus.deadLetterArn : DeadLetterConfig.Arn;
            buses.put({ ...bus, description, deadLetterArn, modified: clock.now() });
            return { Arn: bus.arn, Name: bus.name, Description: description, DeadLetterConfig };
        },

        async DeleteEventBus({ Name = "" }, caller) {
            iam.authorize(caller, "events:DeleteEventBus", busArn(Name));
            if (Name === "default") throw invalid("Cannot delete event bus default.");
            if (rules.of(Name).length > 0) throw invalid("Event bus can't be deleted since it has rules.");
            buses.remove(Name);
            return {};
        },

        async DescribeEventBus({ Name }, caller) {
            iam.authorize(caller, "events:DescribeEventBus", buses.find(Name)?.arn ?? busArn(String(Name)));
            return described(buses.require(Name));
        },

        async ListEventBuses({ NamePrefix = "", ...input }, caller) {
            iam.authorize(caller, "events:ListEventBuses", "*");
            const found = buses.all().filter(({ name }) => name.startsWith(NamePrefix));
            const { items, NextToken } = pageOf(found, ({ name }) => name, input);
            return { EventBuses: items.map(described), NextToken };
        },

        async PutPermission({ EventBusName, Policy }, caller) {
            const bus = buses.require(EventBusName);
            iam.authorize(caller, "events:PutPermission", bus.arn);
            if (Policy === undefined) throw invalid("Parameter(s) Policy must be specified.");
            try {
                parsePolicy(Policy, "resource");
            } catch (error) {
                const malformed = error instanceof AwsError && error.code === "MalformedPolicyDocument";
                throw malformed ? invalid(`Provided policy is not valid. ${error.message}`) : error;
            }
            buses.put({ ...bus, policy: Policy, modified: clock.now() });
            return {};
        },

        async RemovePermission({ EventBusName, StatementId, RemoveAllPermissions }, caller) {
            const bus = buses.require(EventBusName);
            iam.authorize(caller, "events:RemovePermission", bus.arn);
            if (RemoveAllPermissions !== true && StatementId !== undefined) {
                throw notImplemented("EventBridge", "RemovePermission with StatementId; it takes RemoveAllPermissions");
            }
            if (bus.policy === undefined) {
                throw new AwsError("ResourceNotFoundException", "EventBus does not have a policy.");
            }
            buses.put({ ...bus, policy: undefined, modified: clock.now() });
            return {};
        },
    };
}

function described({ name, arn, description, policy, deadLetterArn, created, modified }: Bus) {
    return {
        Name: name,
        Arn: arn,
        Description: description,
        Policy: policy,
        ...(deadLetterArn === undefined ? {} : { DeadLetterConfig: { Arn: deadLetterArn } }),
        CreationTime: new Date(created),
        LastModifiedTime: new Date(modified),
    };
}
