import { root } from "../../aws/service";
import { foundOrUndefined, unlessMissing } from "../provider/outcome";
import { resourceType } from "../provider/resource-type";
import { type ArgumentsOf, assuming, flag, mapOf, object, required, text } from "../provider/shape";

const missing = ["ResourceNotFoundException"];

const filterArguments = {
    name: text,
    logGroupName: required(text),
    pattern: required(text),
    applyOnTransformedLogs: flag,
    metricTransformation: required(
        object({
            name: required(text),
            namespace: required(text),
            value: required(text),
            defaultValue: text,
            dimensions: mapOf(text),
            unit: assuming(text, "None"),
        }),
    ),
};

export const logMetricFilter = resourceType({
    type: "aws:cloudwatch/logMetricFilter:LogMetricFilter",
    arguments: filterArguments,
    replacedBy: ["logGroupName"],
    naming: { property: "name", maximum: 512 },
    identity: ["logGroupName", "name"],

    validate({ metricTransformation: { defaultValue } }) {
        if (defaultValue === undefined || defaultValue === "" || Number.isFinite(Number(defaultValue))) return [];
        return [{ property: "metricTransformation.defaultValue", reason: "must be a number" }];
    },

    async create(inputs, { services: { logs } }) {
        await logs.operations.PutMetricFilter(filterInput(inputs), root);
        return { id: String(inputs.name), outputs: {} };
    },

    /** To be imported it is called GROUP:FILTER. */
    async read(id, { services: { logs } }, inputs) {
        const [group, filter] = id.split(":");
        const logGroupName = inputs?.logGroupName ?? group;
        const filterNamePrefix = inputs?.name ?? filter;
        const listed = await foundOrUndefined(missing, () =>
            logs.operations.DescribeMetricFilters({ logGroupName, filterNamePrefix }, root),
        );
        const found = listed?.metricFilters?.find(({ filterName }) => filterName === filterNamePrefix);
        const metric = found?.metricTransformations?.[0];
        if (found === undefined || metric === undefined) return undefined;
        return {
            name: found.filterName,
            logGroupName,
            pattern: found.filterPattern,
            metricTransformation: {
                name: metric.metricName,
                namespace: metric.metricNamespace,
                value: metric.metricValue,
                defaultValue: metric.defaultValue,
                dimensions: metric.dimensions,
                unit: metric.unit,
            },
        };
    },

    async update(_, inputs, { services: { logs } }) {
        await logs.operations.PutMetricFilter(filterInput(inputs), root);
        return {};
    },

    async delete({ inputs: { logGroupName, name } }, { services: { logs } }) {
        const filterName = String(name);
        await unlessMissing(missing, () => logs.operations.DeleteMetricFilter({ logGroupName, filterName }, root));
    },
});

function filterInput(inputs: ArgumentsOf<typeof filterArguments>) {
    const { name, namespace, value, defaultValue, dimensions, unit } = inputs.metricTransformation;
    return {
        logGroupName: inputs.logGroupName,
        filterName: String(inputs.name),
        filterPattern: inputs.pattern,
        // The provider sends it only where it is set.
        ...(inputs.applyOnTransformedLogs ? { applyOnTransformedLogs: true } : {}),
        metricTransformations: [
            {
                metricName: name,
                metricNamespace: namespace,
                metricValue: value,
                defaultValue: defaultValue === undefined || defaultValue === "" ? undefined : Number(defaultValue),
                dimensions: dimensions === undefined ? undefined : { ...dimensions },
                // A unit that is none is refused by the service, in its words.
                unit: unit as "Count" | undefined,
            },
        ],
    };
}
