import type {
    ConnectionState,
    CreateConnectionRequest,
    CreateConnectionResponse,
    DeauthorizeConnectionRequest,
    DeauthorizeConnectionResponse,
    DeleteConnectionRequest,
    DeleteConnectionResponse,
    DescribeConnectionRequest,
    DescribeConnectionResponse,
    ListConnectionsRequest,
    ListConnectionsResponse,
    UpdateConnectionRequest,
    UpdateConnectionResponse,
} from "@aws-sdk/client-eventbridge";
import type { TwinContext } from "../context";
import { AwsError, type Caller, type Operation } from "../service";
import type { ApiDestinations } from "./api-destinations";
import { checkAuthorization, mergedAuthorization, withoutSecrets } from "./authorization";
import {
    type Authorization,
    type Connection,
    type Connections,
    connectionArn,
    newConnectionId,
    secretArn,
} from "./connections";
import { pageOf } from "./paging";
import { invalid } from "./target";

export interface ConnectionOperations {
    CreateConnection: Operation<CreateConnectionRequest, CreateConnectionResponse>;
    UpdateConnection: Operation<UpdateConnectionRequest, UpdateConnectionResponse>;
    DeleteConnection: Operation<DeleteConnectionRequest, DeleteConnectionResponse>;
    DeauthorizeConnection: Operation<DeauthorizeConnectionRequest, DeauthorizeConnectionResponse>;
    DescribeConnection: Operation<DescribeConnectionRequest, DescribeConnectionResponse>;
    ListConnections: Operation<ListConnectionsRequest, ListConnectionsResponse>;
}

export function connectionOperations(
    { iam, store, clock }: Pick<TwinContext, "iam" | "store" | "clock">,
    { connections, destinations }: { connections: Connections; destinations: ApiDestinations },
): ConnectionOperations {
    function permitted(caller: Caller, action: string, name = ""): Connection {
        iam.authorize(caller, `events:${action}`, connections.find(name)?.arn ?? connectionArn(name, "*"));
        return connections.require(name);
    }

    async function put(connection: Connection, authorization: Authorization | undefined): Promise<Connection> {
        await store.commit(() => connections.put(connection, authorization));
        return connection;
    }

    return {
        async CreateConnection({ Name = "", AuthorizationType = "API_KEY", AuthParameters = {}, Description }, caller) {
            iam.authorize(caller, "events:CreateConnection", connectionArn(Name, "*"));
            if (connections.find(Name) !== undefined) {
                throw new AwsError("ResourceAlreadyExistsException", `Connection ${Name} already exists.`);
            }
            checkAuthorization(AuthorizationType, AuthParameters);
            const [id, now] = [newConnectionId(), clock.now()];
            const connection: Connection = {
                name: Name,
                arn: connectionArn(Name, id),
                id,
                description: Description,
                type: AuthorizationType,
                state: "AUTHORIZED",
                created: now,
                modified: now,
                authorized: now,
            };
            return summary(await put(connection, AuthParameters));
        },

        async UpdateConnection({ Name, AuthorizationType, AuthParameters, Description }, caller) {
            const earlier = permitted(caller, "UpdateConnection", Name);
            const type = AuthorizationType ?? earlier.type;
            const authorization = mergedAuthorization(
                type === earlier.type ? connections.authorization(earlier) : {},
                AuthParameters,
            );
            checkAuthorization(type, authorization);
            const now = clock.now();
            const connection: Connection = {
                ...earlier,
                type,
                description: Description ?? earlier.description,
                state: "AUTHORIZED",
                modified: now,
                authorized: now,
            };
            return { ...summary(await put(connection, authorization)), LastAuthorizedTime: new Date(now) };
        },

        async DeleteConnection({ Name }, caller) {
            const connection = permitted(caller, "DeleteConnection", Name);
            const used = destinations.all().find(({ connectionArn }) => connectionArn === connection.arn);
            if (used !== undefined) {
                throw invalid(`Connection ${Name} can't be deleted since the API destination ${used.name} uses it.`);
            }
            await store.commit(() => connections.remove(connection));
            return summary({ ...connection, state: "DELETING" });
        },

        async DeauthorizeConnection({ Name }, caller) {
            const connection = permitted(caller, "DeauthorizeConnection", Name);
            return summary(await put({ ...connection, state: "DEAUTHORIZED", modified: clock.now() }, undefined));
        },

        async DescribeConnection({ Name }, caller) {
            const connection = permitted(caller, "DescribeConnection", Name);
            const authorization = connections.authorization(connection);
            return {
                ...summary(connection),
                Name: connection.name,
                Description: connection.description,
                AuthorizationType: connection.type,
                SecretArn: secretArn(connection),
                AuthParameters: authorization && withoutSecrets(authorization),
                LastAuthorizedTime: new Date(connection.authorized),
            };
        },

        async ListConnections({ NamePrefix = "", ConnectionState, ...input }, caller) {
            iam.authorize(caller, "events:ListConnections", connectionArn("*", "*"));
            const found = connections
                .all()
                .filter(({ name, state }) => name.startsWith(NamePrefix) && (ConnectionState ?? state) === state);
            const { items, NextToken } = pageOf(found, ({ name }) => name, input);
            return {
                Connections: items.map((connection) => ({
                    ...summary(connection),
                    Name: connection.name,
                    AuthorizationType: connection.type,
                    LastAuthorizedTime: new Date(connection.authorized),
                })),
                NextToken,
            };
        },
    };
}

function summary({ arn, state, created, modified }: Connection) {
    const ConnectionState: ConnectionState = state;
    return {
        ConnectionArn: arn,
        ConnectionState,
        CreationTime: new Date(created),
        LastModifiedTime: new Date(modified),
    };
}
