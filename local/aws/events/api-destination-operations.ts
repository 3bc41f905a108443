import { randomUUID } from "node:crypto";
import type {
    ApiDestinationState,
    CreateApiDestinationRequest,
    CreateApiDestinationResponse,
    DeleteApiDestinationRequest,
    DescribeApiDestinationRequest,
    DescribeApiDestinationResponse,
    ListApiDestinationsRequest,
    ListApiDestinationsResponse,
    UpdateApiDestinationRequest,
    UpdateApiDestinationResponse,
} from "@aws-sdk/client-eventbridge";
import type { TwinContext } from "../context";
import { AwsError, type Caller, type Operation } from "../service";
import { type ApiDestination, type ApiDestinations, apiDestinationArn } from "./api-destinations";
import type { Connections } from "./connections";
import { checkHttpsEndpoint } from "./endpoint";
import { pageOf } from "./paging";

export interface ApiDestinationOperations {
    CreateApiDestination: Operation<CreateApiDestinationRequest, CreateApiDestinationResponse>;
    UpdateApiDestination: Operation<UpdateApiDestinationRequest, UpdateApiDestinationResponse>;
    DeleteApiDestination: Operation<DeleteApiDestinationRequest, object>;
    DescribeApiDestination: Operation<DescribeApiDestinationRequest, DescribeApiDestinationResponse>;
    ListApiDestinations: Operation<ListApiDestinationsRequest, ListApiDestinationsResponse>;
}

const defaultRate = 300;

export function apiDestinationOperations(
    { iam, store, clock }: Pick<TwinContext, "iam" | "store" | "clock">,
    { connections, destinations }: { connections: Connections; destinations: ApiDestinations },
): ApiDestinationOperations {
    function permitted(caller: Caller, action: string, name = ""): ApiDestination {
        iam.authorize(caller, `events:${action}`, destinations.find(name)?.arn ?? apiDestinationArn(name, "*"));
        return destinations.require(name);
    }

    /** It is active while its connection is authorised. */
    function state({ connectionArn }: ApiDestination): ApiDestinationState {
        const connection = connections.all().find(({ arn }) => arn === connectionArn);
        return connection?.state === "AUTHORIZED" ? "ACTIVE" : "INACTIVE";
    }

    function summary(destination: ApiDestination) {
        return {
            ApiDestinationArn: destination.arn,
            ApiDestinationState: state(destination),
            CreationTime: new Date(destination.created),
            LastModifiedTime: new Date(destination.modified),
        };
    }

    function details({ name, connectionArn, endpoint, method, rate }: ApiDestination) {
        return {
            Name: name,
            ConnectionArn: connectionArn,
            InvocationEndpoint: endpoint,
            HttpMethod: method as DescribeApiDestinationResponse["HttpMethod"],
            InvocationRateLimitPerSecond: rate,
        };
    }

    return {
        async CreateApiDestination(input, caller) {
            const { Name = "", InvocationEndpoint = "", HttpMethod = "POST", Description } = input;
            iam.authorize(caller, "events:CreateApiDestination", apiDestinationArn(Name, "*"));
            if (destinations.find(Name) !== undefined) {
                throw new AwsError("ResourceAlreadyExistsException", `An api-destination '${Name}' already exists.`);
            }
            checkHttpsEndpoint("InvocationEndpoint", InvocationEndpoint);
            const now = clock.now();
            const destination: ApiDestination = {
                name: Name,
                arn: apiDestinationArn(Name, randomUUID()),
                description: Description,
                connectionArn: connections.require(input.ConnectionArn).arn,
                endpoint: InvocationEndpoint,
                method: HttpMethod,
                rate: input.InvocationRateLimitPerSecond ?? defaultRate,
                created: now,
                modified: now,
            };
            await store.commit(() => destinations.put(destination));
            return summary(destination);
        },

        async UpdateApiDestination(input, caller) {
            const earlier = permitted(caller, "UpdateApiDestination", input.Name);
            if (input.InvocationEndpoint !== undefined) {
                checkHttpsEndpoint("InvocationEndpoint", input.InvocationEndpoint);
            }
            const { ConnectionArn } = input;
            const destination: ApiDestination = {
                ...earlier,
                description: input.Description ?? earlier.description,
                connectionArn:
                    ConnectionArn === undefined ? earlier.connectionArn : connections.require(ConnectionArn).arn,
                endpoint: input.InvocationEndpoint ?? earlier.endpoint,
                method: input.HttpMethod ?? earlier.method,
                rate: input.InvocationRateLimitPerSecond ?? earlier.rate,
                modified: clock.now(),
            };
            await store.commit(() => destinations.put(destination));
            return summary(destination);
        },

        async DeleteApiDestination({ Name }, caller) {
            const destination = permitted(caller, "DeleteApiDestination", Name);
            await store.commit(() => destinations.remove(destination));
            return {};
        },

        async DescribeApiDestination({ Name }, caller) {
            const destination = permitted(caller, "DescribeApiDestination", Name);
            return { ...summary(destination), ...details(destination), Description: destination.description };
        },

        async ListApiDestinations({ NamePrefix = "", ConnectionArn, ...input }, caller) {
            iam.authorize(caller, "events:ListApiDestinations", apiDestinationArn("*", "*"));
            const found = destinations
                .all()
                .filter(
                    ({ name, connectionArn }) =>
                        name.startsWith(NamePrefix) && (ConnectionArn ?? connectionArn) === connectionArn,
                );
            const { items, NextToken } = pageOf(found, ({ name }) => name, input);
            return { ApiDestinations: items.map((item) => ({ ...summary(item), ...details(item) })), NextToken };
        },
    };
}
