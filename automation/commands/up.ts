import { connect } from "../connection";
import { deploymentProgress, deploymentSummary } from "../progress";
import { promote } from "../promotion";

export async function up(options: { readonly home: string }): Promise<void> {
    const connection = connect(options.home);
    try {
        const summary = await connection.up(deploymentProgress());
        process.stdout.write(`${deploymentSummary(summary)}\n`);
    } finally {
        connection.close();
    }
}

export async function promoteModel(options: {
    readonly home: string;
    readonly model: string | undefined;
}): Promise<void> {
    const connection = connect(options.home);
    try {
        const model = await promote(connection, options.model, deploymentProgress());
        process.stdout.write(`Model ${model.version} (${model.job}) is in service.\n`);
    } finally {
        connection.close();
    }
}
