import { flag, input, listOf, options, type Rule, required, text, value } from "./argument-rules";
import { type Grant, statementProblems } from "./inline";
import { isOptions } from "./shown-value";

const action = text('an action such as "s3:GetObject"');
const arn = input(text("an ARN, or an Output of one"));

const shape = options<Grant>({
    actions: required(listOf(action, "a list of actions")),
    resources: required(listOf(arn, "a list of ARNs")),
    conditions: value("an object: operator, key, values", isOptions),
    because: text("a few words"),
    onAll: flag,
    // Where an artefact's own grants are handed on.
    at: value("a list of places", Array.isArray),
});

const statement: Rule = {
    ...shape,
    what: "made by allow(actions, …resources)",
    problems: (option, given) => {
        const misshapen = shape.problems(option, given);
        if (misshapen.length > 0) return misshapen;
        return statementProblems(given as Grant).map((problem) => `${option}: ${problem}`);
    },
};

/** What a stage's permissions may be. */
export const permissionsRule = listOf(statement, "a list such as [allow(actions, …resources)]");
