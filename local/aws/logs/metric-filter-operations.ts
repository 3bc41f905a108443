import type {
    DeleteMetricFilterRequest,
    DescribeMetricFiltersRequest,
    DescribeMetricFiltersResponse,
    MetricTransformation as GivenTransformation,
    PutMetricFilterRequest,
    StandardUnit,
} from "@aws-sdk/client-cloudwatch-logs";
import { hasControlCharacter, isDimensionValue, units } from "../cloudwatch";
import type { TwinContext } from "../context";
import { notImplemented } from "../protocol/json";
import { AwsError, type Operation } from "../service";
import { filterPattern, isReference } from "./filter";
import { groupArn, groupName, type LogGroups } from "./groups";
import type { MetricFilter, MetricFilters, MetricTransformation } from "./metric-filters";
import { paged } from "./page";
import { groupFinder, invalid } from "./request";

export interface MetricFilterOperations {
    PutMetricFilter: Operation<PutMetricFilterRequest, object>;
    DescribeMetricFilters: Operation<DescribeMetricFiltersRequest, DescribeMetricFiltersResponse>;
    DeleteMetricFilter: Operation<DeleteMetricFilterRequest, object>;
}

const mostFilters = 100;
const mostDimensions = 3;
const unsupported = ["applyOnTransformedLogs", "fieldSelectionCriteria", "emitSystemFieldDimensions"] as const;

/** Metric filters: metrics out of what is logged. */
export function metricFilterOperations(
    { iam, store, clock }: TwinContext,
    groups: LogGroups,
    filters: MetricFilters,
): MetricFilterOperations {
    const permitted = groupFinder(iam, groups);

    return {
        async PutMetricFilter(input, caller) {
            const { name: group } = permitted(caller, "PutMetricFilter", input.logGroupName);
            for (const member of unsupported) {
                if (input[member] !== undefined)
                    throw notImplemented("CloudWatch Logs", `PutMetricFilter with ${member}`);
            }
            const { filterName = "", filterPattern: pattern = "", metricTransformations = [] } = input;
            const problems: string[] = [];
            if (!/^[^:*]{1,512}$/.test(filterName)) {
                problems.push("filterName must have 1 to 512 characters without : and *.");
            }
            filterPattern(pattern);
            const [given, ...others] = metricTransformations;
            if (given === undefined || others.length > 0) problems.push("metricTransformations must have one member.");
            const metric = transformation(problems, given ?? { metricName: "", metricNamespace: "", metricValue: "" });
            if (problems.length > 0) throw invalid(problems.join(" "));
            store.transaction(() => {
                const present = filters.all(group);
                const earlier = present.find(({ name }) => name === filterName);
                if (earlier === undefined && present.length >= mostFilters) {
                    throw new AwsError("LimitExceededException", `A log group can have ${mostFilters} metric filters.`);
                }
                const created = earlier?.created ?? clock.now();
                filters.put({ group, name: filterName, pattern, metric, created });
            });
            return {};
        },
        async DescribeMetricFilters(input, caller) {
            const group = input.logGroupName === undefined ? undefined : groupName(input.logGroupName);
            if (group === undefined)
                iam.authorize(caller, "logs:DescribeMetricFilters", `${groupArn("*")}:log-stream:`);
            else permitted(caller, "DescribeMetricFilters", group);
            const { filterNamePrefix = "", metricName, metricNamespace } = input;
            const asked = filters
                .all(group)
                .filter(
                    ({ name, metric }) =>
                        name.startsWith(filterNamePrefix) &&
                        (metricName === undefined || metric.name === metricName) &&
                        (metricNamespace === undefined || metric.namespace === metricNamespace),
                );
            const { page, next } = paged(asked, input.limit ?? 50, input.nextToken);
            return { metricFilters: page.map(described), nextToken: next };
        },
        async DeleteMetricFilter({ logGroupName, filterName = "" }, caller) {
            const { name: group } = permitted(caller, "DeleteMetricFilter", logGroupName);
            if (!store.transaction(() => filters.remove(group, filterName))) {
                throw new AwsError("ResourceNotFoundException", "The specified metric filter does not exist.");
            }
            return {};
        },
    };
}

function transformation(problems: string[], given: GivenTransformation): MetricTransformation {
    const { metricNamespace: namespace = "", metricName: name = "", metricValue: value = "", unit = "None" } = given;
    for (const [member, text, longest] of [
        ["metricNamespace", namespace, 255],
        ["metricName", name, 255],
        ["metricValue", value, 100],
    ] as const) {
        if (text.length < 1 || text.length > longest || hasControlCharacter(text)) {
            problems.push(`${member} must have 1 to ${longest} characters, none of them a control character.`);
        }
    }
    if (/[:*$]/.test(`${namespace}${name}`)) problems.push("metricNamespace and metricName must not have :, * or $.");
    if (!value.startsWith("$") && !Number.isFinite(Number(value))) {
        problems.push("metricValue must be a number, or name one in the line, such as $.latency.");
    }
    if (!units.has(unit)) problems.push(`unit must be one of ${[...units].join(", ")}.`);
    const dimensions = given.dimensions ?? {};
    if (Object.keys(dimensions).length > mostDimensions)
        problems.push(`dimensions must have at most ${mostDimensions} members.`);
    for (const reference of [...Object.values(dimensions), ...(value.startsWith("$") ? [value] : [])]) {
        if (!isReference(reference)) problems.push(`${reference} names nothing in a line; $.stage and $stage would.`);
    }
    for (const dimension of Object.keys(dimensions)) {
        if (dimension.length > 255 || !isDimensionValue(dimension)) {
            problems.push("The names of dimensions must have 1 to 255 characters, none of them a control character.");
        }
    }
    if (Object.keys(dimensions).length > 0 && given.defaultValue !== undefined) {
        problems.push("defaultValue must not be given with dimensions.");
    }
    return { namespace, name, value, unit, defaultValue: given.defaultValue, dimensions };
}

function described({ group, name, pattern, metric, created }: MetricFilter) {
    return {
        logGroupName: group,
        filterName: name,
        filterPattern: pattern,
        creationTime: created,
        metricTransformations: [
            {
                metricNamespace: metric.namespace,
                metricName: metric.name,
                metricValue: metric.value,
                defaultValue: metric.defaultValue,
                unit: metric.unit as StandardUnit,
                ...(Object.keys(metric.dimensions).length > 0 ? { dimensions: { ...metric.dimensions } } : {}),
            },
        ],
    };
}
