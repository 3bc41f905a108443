import { EventStream } from "sortline";
import { z } from "zod";

const Letter = z.object({ id: z.string(), text: z.string() });
const Pulse = z.object({ id: z.string(), sent: z.number(), received: z.number() });

const shards = 4;
export const input = new EventStream("input", { schema: Letter, shards });
export const output = new EventStream("output", { schema: Letter, shards });
input.stage("forward", { into: output, batch: { size: 500 } }, async (letter) => letter);

export const pulses = new EventStream("pulses", { schema: Pulse });
export const received = new EventStream("received", { schema: Pulse });
pulses.stage("receive", { into: received }, async (pulse) => ({
    ...pulse,
    received: performance.timeOrigin + performance.now(),
}));
