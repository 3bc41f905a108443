// Checked by the compiler alone: what has to be a type error is marked as such, and the mark is an error once it is not.
import { z } from "zod";
import { EventStream, instances, serverless } from "../../components";

const Letter = z.object({ id: z.string(), text: z.string() });
const Answer = z.object({ id: z.string(), length: z.number() });

export function types(): void {
    const letters = new EventStream("letters", { schema: Letter, partitionBy: (letter) => letter.text });
    const answers = new EventStream("answers", { schema: Answer });

    letters.stage("one", { into: answers }, async ({ id, text }) => ({ id, length: text.length }));
    letters.stage("none-or-several", { into: answers }, async ({ id }) =>
        id === "" ? undefined : [{ id, length: 0 }],
    );
    letters.stage("end", {}, async ({ text }) => console.log(text.length));
    letters.batchStage("batch", { into: answers }, async (batch) => batch.map(({ id }) => ({ id, length: 0 })));

    // @ts-expect-error the result does not fit the stream
    letters.stage("misfit", { into: answers }, async ({ id }) => ({ id }));
    // @ts-expect-error records have no such field
    letters.stage("no-field", {}, async ({ subject }) => console.log(subject));
    // @ts-expect-error a batch handler answers for each record
    letters.batchStage("one-for-all", { into: answers }, async () => ({ id: "", length: 0 }));
    // @ts-expect-error the partition key is text
    new EventStream("keyed", { schema: Answer, partitionBy: ({ length }) => length });

    serverless({ memory: 2048, maxConcurrency: 10 });
    // @ts-expect-error serverless capacity comes in these sizes only
    serverless({ memory: 8192 });
    // @ts-expect-error serverless capacity has no instances
    serverless({ memory: 2048, type: "ml.m5.large" });
    // @ts-expect-error instances have no memory to choose
    instances({ type: "ml.m5.large", memory: 2048 });
}
