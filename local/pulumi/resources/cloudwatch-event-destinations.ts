// Where EventBridge takes events to outside of AWS: connections and API destinations.

import type { CreateConnectionAuthRequestParameters } from "@aws-sdk/client-eventbridge";
import { root } from "../../aws/service";
import { foundOrUndefined, unlessMissing } from "../provider/outcome";
import { resourceType } from "../provider/resource-type";
import { type ArgumentsOf, flag, listOf, number, object, oneOf, required, text } from "../provider/shape";

const missing = ["ResourceNotFoundException"];

const parameters = listOf(object({ key: text, value: text, isValueSecret: flag }));
const httpParameters = object({ bodies: parameters, headers: parameters, queryStrings: parameters });

const connectionArguments = {
    name: text,
    description: text,
    authorizationType: required(oneOf("API_KEY", "BASIC", "OAUTH_CLIENT_CREDENTIALS")),
    authParameters: required(
        object({
            apiKey: object({ key: required(text), value: required(text) }),
            basic: object({ username: required(text), password: required(text) }),
            oauth: object({
                authorizationEndpoint: required(text),
                httpMethod: required(oneOf("GET", "POST", "PUT")),
                clientParameters: object({ clientId: required(text), clientSecret: required(text) }),
                oauthHttpParameters: required(httpParameters),
            }),
            invocationHttpParameters: httpParameters,
        }),
    ),
};

type ConnectionArguments = ArgumentsOf<typeof connectionArguments>;
type HttpParameters = NonNullable<ConnectionArguments["authParameters"]["invocationHttpParameters"]>;

function connectionInput({ authorizationType, authParameters, description }: ConnectionArguments) {
    const { apiKey, basic, oauth, invocationHttpParameters: invocation } = authParameters;
    const AuthParameters: CreateConnectionAuthRequestParameters = {
        ...(apiKey && { ApiKeyAuthParameters: { ApiKeyName: apiKey.key, ApiKeyValue: apiKey.value } }),
        ...(basic && { BasicAuthParameters: { Username: basic.username, Password: basic.password } }),
        ...(oauth && {
            OAuthParameters: {
                AuthorizationEndpoint: oauth.authorizationEndpoint,
                HttpMethod: oauth.httpMethod,
                ClientParameters: {
                    ClientID: oauth.clientParameters?.clientId,
                    ClientSecret: oauth.clientParameters?.clientSecret,
                },
                OAuthHttpParameters: http(oauth.oauthHttpParameters),
            },
        }),
        ...(invocation && { InvocationHttpParameters: http(invocation) }),
    };
    return { AuthorizationType: authorizationType, AuthParameters, Description: description };
}

function http({ bodies, headers, queryStrings }: HttpParameters) {
    const list = (parameters: HttpParameters["bodies"]) =>
        parameters?.map(({ key, value, isValueSecret }) => ({ Key: key, Value: value, IsValueSecret: isValueSecret }));
    return { BodyParameters: list(bodies), HeaderParameters: list(headers), QueryStringParameters: list(queryStrings) };
}

export const eventConnection = resourceType({
    type: "aws:cloudwatch/eventConnection:EventConnection",
    arguments: connectionArguments,
    replacedBy: ["name"],
    naming: { property: "name", maximum: 64 },
    // With passwords and keys in it.
    secretOutputs: ["authParameters"],

    async create(inputs, { services: { events } }) {
        const Name = String(inputs.name);
        const { ConnectionArn: arn } = await events.operations.CreateConnection(
            { Name, ...connectionInput(inputs) },
            root,
        );
        const { SecretArn: secretArn } = await events.operations.DescribeConnection({ Name }, root);
        return { id: Name, outputs: { arn, secretArn } };
    },

    async read(id, { services: { events } }) {
        const found = await foundOrUndefined(missing, () => events.operations.DescribeConnection({ Name: id }, root));
        // What lets EventBridge in is not told to anybody.
        return (
            found && {
                name: id,
                description: found.Description,
                authorizationType: found.AuthorizationType,
                arn: found.ConnectionArn,
                secretArn: found.SecretArn,
            }
        );
    },

    async update({ id }, inputs, { services: { events } }) {
        await events.operations.UpdateConnection(
            { Name: id, ...connectionInput(inputs), Description: inputs.description ?? "" },
            root,
        );
        return {};
    },

    async delete({ id }, { services: { events } }) {
        await unlessMissing(missing, () => events.operations.DeleteConnection({ Name: id }, root));
    },
});

const destinationArguments = {
    name: text,
    description: text,
    connectionArn: required(text),
    invocationEndpoint: required(text),
    httpMethod: required(oneOf("POST", "GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE")),
    invocationRateLimitPerSecond: number,
};

/** The provider says the default itself, so that taking the argument away takes the earlier rate away. */
function destinationInput(inputs: ArgumentsOf<typeof destinationArguments>) {
    return {
        ConnectionArn: inputs.connectionArn,
        InvocationEndpoint: inputs.invocationEndpoint,
        HttpMethod: inputs.httpMethod,
        Description: inputs.description,
        InvocationRateLimitPerSecond: inputs.invocationRateLimitPerSecond ?? 300,
    };
}

export const eventApiDestination = resourceType({
    type: "aws:cloudwatch/eventApiDestination:EventApiDestination",
    arguments: destinationArguments,
    replacedBy: ["name"],
    naming: { property: "name", maximum: 64 },
    assumed: { invocationRateLimitPerSecond: 300 },

    async create(inputs, { services: { events } }) {
        const Name = String(inputs.name);
        const created = await events.operations.CreateApiDestination({ Name, ...destinationInput(inputs) }, root);
        return { id: Name, outputs: { arn: created.ApiDestinationArn } };
    },

    async read(id, { services: { events } }) {
        const found = await foundOrUndefined(missing, () =>
            events.operations.DescribeApiDestination({ Name: id }, root),
        );
        return (
            found && {
                name: id,
                description: found.Description,
                connectionArn: found.ConnectionArn,
                invocationEndpoint: found.InvocationEndpoint,
                httpMethod: found.HttpMethod,
                invocationRateLimitPerSecond: found.InvocationRateLimitPerSecond,
                arn: found.ApiDestinationArn,
            }
        );
    },

    async update({ id }, inputs, { services: { events } }) {
        await events.operations.UpdateApiDestination(
            { Name: id, ...destinationInput(inputs), Description: inputs.description ?? "" },
            root,
        );
        return {};
    },

    async delete({ id }, { services: { events } }) {
        await unlessMissing(missing, () => events.operations.DeleteApiDestination({ Name: id }, root));
    },
});
