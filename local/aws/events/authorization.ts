import type {
    ConnectionAuthResponseParameters,
    ConnectionHttpParameters,
    UpdateConnectionRequest,
} from "@aws-sdk/client-eventbridge";
import { notImplemented } from "../protocol/json";
import type { Authorization, Connection } from "./connections";
import { checkHttpsEndpoint } from "./endpoint";
import { invalid } from "./target";

/** Which parameters each kind of authorisation has. */
const parametersOf = {
    BASIC: "BasicAuthParameters",
    API_KEY: "ApiKeyAuthParameters",
    OAUTH_CLIENT_CREDENTIALS: "OAuthParameters",
} as const;

/** @throws AwsError unless the parameters are those of the kind of authorisation, and no others. */
export function checkAuthorization(type: Connection["type"], authorization: Authorization): void {
    if (authorization.ConnectivityParameters !== undefined) {
        throw notImplemented("EventBridge", "connections with ConnectivityParameters");
    }
    const wanted = parametersOf[type];
    const given = Object.values(parametersOf).filter((name) => authorization[name] !== undefined);
    if (given.length !== 1 || given[0] !== wanted) {
        throw invalid(`Authorization type ${type} needs ${wanted}, and no other kind of parameters.`);
    }
    const endpoint = authorization.OAuthParameters?.AuthorizationEndpoint;
    if (endpoint !== undefined) checkHttpsEndpoint("AuthorizationEndpoint", endpoint);
}

/** As documented: what an update leaves out stays. */
export function mergedAuthorization(
    earlier: Authorization | undefined,
    update: UpdateConnectionRequest["AuthParameters"] = {},
): Authorization {
    const { OAuthParameters: oauth, ...rest } = update;
    return {
        ...earlier,
        ...(rest as Authorization),
        BasicAuthParameters: combined(earlier?.BasicAuthParameters, rest.BasicAuthParameters),
        ApiKeyAuthParameters: combined(earlier?.ApiKeyAuthParameters, rest.ApiKeyAuthParameters),
        OAuthParameters: combined(
            earlier?.OAuthParameters,
            oauth && {
                ...oauth,
                ClientParameters: combined(earlier?.OAuthParameters?.ClientParameters, oauth.ClientParameters),
            },
        ),
    };
}

function combined<T extends object>(earlier: T | undefined, update: object | undefined): T | undefined {
    if (update === undefined) return earlier;
    const given = Object.fromEntries(Object.entries(update).filter(([, value]) => value !== undefined));
    return { ...earlier, ...given } as T;
}

/** What DescribeConnection tells: names, and values that are not secret. */
export function withoutSecrets(authorization: Authorization): ConnectionAuthResponseParameters {
    const { BasicAuthParameters: basic, ApiKeyAuthParameters: key, OAuthParameters: oauth } = authorization;
    return {
        ...(basic === undefined ? {} : { BasicAuthParameters: { Username: basic.Username } }),
        ...(key === undefined ? {} : { ApiKeyAuthParameters: { ApiKeyName: key.ApiKeyName } }),
        ...(oauth === undefined
            ? {}
            : {
                  OAuthParameters: {
                      ClientParameters: { ClientID: oauth.ClientParameters?.ClientID },
                      AuthorizationEndpoint: oauth.AuthorizationEndpoint,
                      HttpMethod: oauth.HttpMethod,
                      ...(oauth.OAuthHttpParameters === undefined
                          ? {}
                          : { OAuthHttpParameters: shownParameters(oauth.OAuthHttpParameters) }),
                  },
              }),
        ...(authorization.InvocationHttpParameters === undefined
            ? {}
            : { InvocationHttpParameters: shownParameters(authorization.InvocationHttpParameters) }),
    };
}

function shownParameters(parameters: ConnectionHttpParameters): ConnectionHttpParameters {
    const shown = <T extends { IsValueSecret?: boolean; Value?: string }>(list: T[] | undefined) =>
        list?.map((parameter) => (parameter.IsValueSecret === true ? { ...parameter, Value: undefined } : parameter));
    const { HeaderParameters, QueryStringParameters, BodyParameters } = parameters;
    return {
        HeaderParameters: shown(HeaderParameters),
        QueryStringParameters: shown(QueryStringParameters),
        BodyParameters: shown(BodyParameters),
    };
}
