import type { Binding, NodePath } from "@babel/traverse";
import type * as t from "@babel/types";
import type { FilePlan } from "./artefact-plan";
import { isExporting } from "./commonjs-exports";
import type { DeploymentUse } from "./deployment-code";
import { effectOn } from "./effect-on-variable";
import type { Findings } from "./findings";
import { freeVariables, isTypeOnly } from "./free-variables";
import { keepChangedData } from "./keep-changed-data";
import type { CodeKeeper } from "./keep-code";
import { writeInstead } from "./planning";
import type { SourceFile } from "./source-file";

/**
 * Keeps the statements at module level that belong to what is kept of a file: those that change it, and in a file that
 * is not the program itself all that do not deploy.
 */
export function keepStatements(findings: Findings, code: CodeKeeper, plan: FilePlan): void {
    const { planning, deployment } = findings;
    const { file } = plan;
    const isProgram = planning.callbackIn(file) !== undefined;
    for (const statement of file.program.get("body")) {
        if (
            plan.kept.has(statement) ||
            isExporting(statement) ||
            statement.isDeclaration() ||
            isTypeOnly(statement.node)
        )
            continue;
        const effects = effectsOnCode(findings, file, statement);
        if (isProgram && effects.length === 0) continue;
        const deploys = deployment.atLoad(file, statement);
        const changed = effects.find(({ effect }) => effect === "changes");
        if (!deploys || (changed && !stands(deploys, file, statement))) {
            code.keep(file, statement);
            if (isProgram) keepChangedData(findings, code, plan, statement);
        } else if (changed) {
            planning.report(
                statement,
                `"${changed.name}", which a handler uses, is changed here with "${deploys.name}" of ${deploys.package}, which exists only while deploying`,
                writeInstead,
            );
        }
    }
}

interface Effect {
    readonly name: string;
    readonly effect: "changes" | "may change";
}

/** What a statement does to variables whose code is kept. */
function effectsOnCode({ decided }: Findings, file: SourceFile, statement: NodePath<t.Node>): readonly Effect[] {
    return freeVariables(statement)
        .filter(({ name, binding }) => decided.get(binding) === "code" && !file.imports.has(name))
        .flatMap(({ name, binding, uses }) =>
            uses.flatMap((use) => {
                const effect = effectOn(use, statement);
                // A function that is passed on stays what it is.
                const isNone = effect === undefined || (effect === "may change" && isMereFunction(binding));
                return isNone ? [] : [{ name, effect }];
            }),
        );
}

/** True for a function that is there to be called: passing it on leaves it as it is, which is not so for a constructor. */
function isMereFunction({ path, identifier }: Binding): boolean {
    const init = path.isVariableDeclarator() ? path.get("init") : path;
    if (init.isArrowFunctionExpression()) return true;
    return (init.isFunctionDeclaration() || init.isFunctionExpression()) && !/^\p{Lu}/u.test(identifier.name);
}

/** True where the deployment-only name itself is written in the statement: no value could stand for it. */
function stands({ location }: DeploymentUse, file: SourceFile, { node }: NodePath<t.Node>): boolean {
    const { start, end } = node.loc ?? {};
    return location.file === file.path && !!start && !!end && start.line <= location.line && location.line <= end.line;
}
