import { withConnection } from "../connection";
import { deploymentProgress, deploymentSummary } from "../progress";
import { promote } from "../registry/promotion";

export async function up(options: { readonly home: string }): Promise<void> {
    await withConnection(options.home, async (connection) => {
        const summary = await connection.up(deploymentProgress());
        process.stdout.write(`${deploymentSummary(summary)}\n`);
    });
}

export async function promoteModel(options: {
    readonly home: string;
    readonly model: string | undefined;
    readonly registry: string | undefined;
}): Promise<void> {
    await withConnection(options.home, async (connection) => {
        const model = await promote(connection, options.model, deploymentProgress(), options.registry);
        process.stdout.write(`Model ${model.version} (${model.job}) is in service.\n`);
    });
}
