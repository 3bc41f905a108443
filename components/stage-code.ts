import * as pulumi from "@pulumi/pulumi";
import {
    type BundleOptions,
    type EntryFile,
    type InlineCallback,
    type InlineFunction,
    inline,
    type NodeRuntime,
} from "./inline";
import { runtimeModule } from "./package-files";
import type { FilterPattern } from "./runtime/record-filter";
import type { StageSettings } from "./runtime/stream-adapter";
import type { WindowSettings } from "./runtime/window-adapter";
import { compileValidator } from "./schema";
import type { StreamEnd } from "./stream-access";
import type { WindowArgs } from "./window-stage";

/** What a stage's handler is called with: one record, a batch of them, or the state of a window and records. */
export type StageMode =
    | { readonly mode: "record" | "batch" }
    | { readonly mode: "window"; readonly window: WindowArgs };

export type StageCodeOptions = StageMode & {
    readonly from: StreamEnd;
    readonly into?: StreamEnd;
    readonly handler: InlineCallback | EntryFile;
    readonly filter: FilterPattern | undefined;
    readonly bundle?: BundleOptions;
    readonly runtime: NodeRuntime;
};

/** A stage's handler with what makes it a consumer of its stream. */
export function stageCode(name: string, options: StageCodeOptions): InlineFunction {
    const { from, into, filter, bundle, runtime } = options;
    const { partitionBy } = into?.definition ?? {};
    const partitioned: Readonly<Record<string, InlineCallback>> = partitionBy === undefined ? {} : { partitionBy };
    const settings = { stage: name, source: `/${pulumi.getProject()}/${name}`, filter, into: into?.definition.kind };
    const shared = {
        modules: {
            "sortline:input-schema": compileValidator(from.definition.schema),
            "sortline:output-schema":
                into === undefined ? "export const validate = undefined;" : compileValidator(into.definition.schema),
        },
        bundle,
        runtime,
    };
    if (options.mode === "window") {
        const { initial, close } = options.window;
        return inline(name, options.handler, {
            ...shared,
            adapter: runtimeModule("window-adapter"),
            settings: { ...settings, initial } satisfies WindowSettings,
            callbacks: { ...partitioned, close },
        });
    }
    return inline(name, options.handler, {
        ...shared,
        adapter: runtimeModule("stream-adapter"),
        settings: { ...settings, mode: options.mode } satisfies StageSettings,
        callbacks: partitioned,
    });
}
