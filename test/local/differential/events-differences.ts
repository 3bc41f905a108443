import type { Difference } from "./comparison";

/** Where EventBridge of the twin and of moto differ. "As documented" means in its API Reference or User Guide. */
export const eventsDifferences: readonly Difference[] = [
    {
        call: "*",
        member: "headers.content-type",
        right: "twin",
        because: "The JSON protocol answers application/x-amz-json-1.1, as the SDK's model of the service says.",
    },
    {
        call: "*",
        member: "error.message",
        moto: "Rule none does not exist.",
        right: "twin",
        because: "EventBridge names the bus: Rule none does not exist on EventBus default.",
    },

    // Patterns.
    {
        call: "patterns > no array",
        member: "error.message",
        right: "both",
        because: "EventBridge's reason quotes its parser; the twin says where in the pattern, moto what.",
    },
    {
        call: "patterns > an empty array",
        member: "error.message",
        right: "both",
        because: "The same.",
    },
    {
        call: "rules > put a bad pattern",
        member: "error.message",
        right: "both",
        because: "The same.",
    },
    {
        call: "patterns > *an unknown operator",
        member: "*",
        right: "twin",
        because: "InvalidEventPatternException, as documented; moto takes it for a match.",
    },
    {
        call: "patterns > test*",
        member: "*",
        right: "twin",
        because: "moto's TestEventPattern says nothing at all.",
    },

    // Buses and rules.
    {
        call: "buses > *",
        member: "output.*",
        moto: undefined,
        right: "twin",
        because: "Members that are documented and that moto leaves out.",
    },
    {
        call: "rules > put a bad *",
        member: "*",
        right: "twin",
        because:
            "As documented: one minute but five minutes, ? for one of the two days, names of letters, digits and .-_",
    },

    // Events.
    {
        call: "events > put for parts",
        member: "*",
        right: "twin",
        because: "moto's server fails at an input path.",
    },
    {
        call: "events > what of it arrived",
        member: "output.*",
        right: "twin",
        because: "As documented for InputPath and InputTransformer; moto hands over the whole event.",
    },
    {
        call: "events > put bad ones",
        member: "output.*",
        right: "twin",
        because: "As documented: the detail is a JSON object, and sources that begin with aws. are AWS's.",
    },
    {
        call: "events > what arrived",
        member: "output.1",
        twin: undefined,
        right: "twin",
        because: "The event with an array as its detail, which moto has taken.",
    },
    {
        call: "events > what arrived*",
        member: "output.0.account",
        twin: "<account>",
        moto: undefined,
        right: "twin",
        because: "As documented: every event has the account.",
    },
    {
        call: "events > *other bus",
        member: "*d",
        twin: "<EventId 3>",
        moto: "<EventId 2>",
        right: "twin",
        because: "The third event; moto failed at the second.",
    },
    {
        call: "events > put none",
        member: "*",
        right: "twin",
        because: "As documented: 1 to 10 entries.",
    },
    {
        call: "events > put eleven",
        member: "error.message",
        right: "twin",
        because: "The value is left out, since entries hold what must not be in messages.",
    },

    // Connections and API destinations.
    {
        call: "connections and API destinations > c* again",
        member: "*",
        right: "twin",
        because: "ResourceAlreadyExistsException, as documented.",
    },
    {
        call: "connections and API destinations > *",
        member: "output.*SecretArn",
        right: "neither",
        because:
            "The secret's ARN ends with six characters that Secrets Manager chooses. The twin has no Secrets Manager.",
    },
    {
        call: "connections and API destinations > disconnect",
        member: "output.ConnectionState",
        twin: "DELETING",
        moto: "AUTHORIZED",
        right: "twin",
        because: "As documented: the state that the connection is in after the call.",
    },
    {
        call: "connections and API destinations > *",
        member: "output.*",
        moto: undefined,
        right: "twin",
        because: "Members that are documented and that moto leaves out.",
    },
];
