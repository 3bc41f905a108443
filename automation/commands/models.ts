import { withConnection } from "../connection";
import { approveModel, findModel, listModels, type RegisteredModel } from "../registry";
import { plainTable } from "../table";

const approvals: Readonly<Record<RegisteredModel["approval"], string>> = {
    Approved: "approved",
    PendingManualApproval: "pending",
    Rejected: "rejected",
};

export async function models(options: { readonly home: string; readonly json: boolean }): Promise<void> {
    const found = await withConnection(options.home, listModels);
    if (options.json) for (const model of found) process.stdout.write(`${JSON.stringify(model)}\n`);
    else
        process.stdout.write(
            `${found.length === 0 ? "No model yet: npx sortline train --data labels.csv" : modelsTable(found)}\n`,
        );
}

function modelsTable(found: readonly RegisteredModel[]): string {
    const table = plainTable(["model", "approval", "accuracy", "macro-F1", "labels", "training job", ""]);
    for (const model of found) {
        const { version, approval, accuracy, macroF1, labels, job, live } = model;
        table.push([
            version,
            approvals[approval],
            accuracy.toFixed(3),
            macroF1.toFixed(3),
            labels,
            job,
            live ? "in service" : "",
        ]);
    }
    return table.toString();
}

export async function approve(options: { readonly home: string; readonly model: string }): Promise<void> {
    await withConnection(options.home, async (connection) => {
        const model = findModel(await listModels(connection), options.model);
        await approveModel(connection, model, "approved by `sortline approve`");
        process.stdout.write(
            `Model ${model.version} is approved. Bring it into service: npx sortline promote ${model.version}\n`,
        );
    });
}
