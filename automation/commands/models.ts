import { badInput } from "../exit";
import { promotionCommands, sortlineCommand } from "../next-command";
import { type Place, withPipeline } from "../place";
import { approveModel, findModel, listModels, type RegisteredModel, rejectModel } from "../registry/models";
import { plainTable } from "../table";
import { cutTo } from "../terminal";

const approvals: Readonly<Record<RegisteredModel["approval"], string>> = {
    Approved: "approved",
    PendingManualApproval: "pending",
    Rejected: "rejected",
};

export async function models(options: {
    readonly place: Place;
    readonly registry: string | undefined;
    readonly json: boolean;
}): Promise<void> {
    const { registry } = options;
    const found = await withPipeline(options.place, (connection) => listModels(connection, { registry }));
    if (options.json) for (const model of found) process.stdout.write(`${JSON.stringify(model)}\n`);
    else
        process.stdout.write(
            `${found.length === 0 ? `No model yet: ${sortlineCommand(options.place, "train --data labels.csv")}` : modelsTable(found)}\n`,
        );
}

function modelsTable(found: readonly RegisteredModel[]): string {
    const several = found.some(({ registry }) => registry !== undefined);
    const table = plainTable([
        ...(several ? ["registry"] : []),
        "model",
        "approval",
        "accuracy",
        "macro-F1",
        "labels",
        "trained (UTC)",
        "training job",
        "",
        "note",
    ]);
    for (const model of found) {
        const { registry = "", version, approval, accuracy, macroF1, labels, job, live, createdAt, note } = model;
        table.push([
            ...(several ? [registry] : []),
            version,
            approvals[approval],
            accuracy.toFixed(3),
            macroF1.toFixed(3),
            labels,
            createdAt.toISOString().slice(0, 16).replace("T", " "),
            job,
            live ? "in service" : "",
            cutTo(60, note ?? ""),
        ]);
    }
    return table.toString();
}

/** Approves a model in the registry. */
export async function approve(options: {
    readonly place: Place;
    readonly model: string;
    readonly registry: string | undefined;
    readonly reason: string | undefined;
}): Promise<void> {
    await withPipeline(options.place, async (connection) => {
        const model = findModel(await listModels(connection, { registry: options.registry }), options.model);
        await approveModel(connection, model, options.reason ?? "approved by `sortline approve`");
        process.stdout.write(
            `Model ${model.version} is approved. Bring it into service: ${promotionCommands(connection, { ...model, approval: "Approved" })}\n`,
        );
    });
}

/** Rejects a model in the registry. What is in service stays there. */
export async function reject(options: {
    readonly place: Place;
    readonly model: string;
    readonly registry: string | undefined;
    readonly reason: string;
}): Promise<void> {
    if (options.reason.trim() === "") throw badInput("--reason is empty: say why the model is rejected.");
    await withPipeline(options.place, async (connection) => {
        const model = findModel(await listModels(connection, { registry: options.registry }), options.model);
        await rejectModel(connection, model, options.reason);
        const another =
            connection.stack === undefined
                ? `promoted: ${sortlineCommand(connection, "promote MODEL")}`
                : "approved, pinned and deployed.";
        const served = model.live ? ` It stays in service until another one is ${another}` : "";
        process.stdout.write(`Model ${model.version} is rejected.${served}\n`);
    });
}
