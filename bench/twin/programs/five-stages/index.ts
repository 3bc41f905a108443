import { EventStream } from "sortline";
import { z } from "zod";

const Reading = z.object({ id: z.string(), station: z.string(), celsius: z.number() });

const received = new EventStream("received", { schema: Reading });
const plausible = new EventStream("plausible", { schema: Reading });
const fahrenheit = new EventStream("fahrenheit", { schema: Reading });
const frost = new EventStream("frost", { schema: Reading });
const heat = new EventStream("heat", { schema: Reading });

received.stage("check", { into: plausible }, async (reading) => (reading.celsius < -90 ? undefined : reading));
plausible.stage("convert", { into: fahrenheit }, async (reading) => ({
    ...reading,
    celsius: reading.celsius * 1.8 + 32,
}));
fahrenheit.stage("cold", { into: frost }, async (reading) => (reading.celsius <= 32 ? reading : undefined));
fahrenheit.stage("hot", { into: heat }, async (reading) => (reading.celsius >= 95 ? reading : undefined));
heat.stage("warn", {}, async (reading) => console.log(JSON.stringify({ warned: reading.id })));
