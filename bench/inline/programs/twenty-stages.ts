// Twenty stages of one team in one file: what they take along differs in code, data, components and packages.
import { createHash } from "node:crypto";
import { GetItemCommand, DynamoDBClient as Tables } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { KinesisClient, PutRecordsCommand } from "@aws-sdk/client-kinesis";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { parse as parseCsv } from "csv-parse/sync";
import { XMLParser } from "fast-xml-parser";
import { htmlToText } from "html-to-text";
import { load as loadYaml } from "js-yaml";
import PostalMime from "postal-mime";
import { EventStream, RecordIndex, RejectRecord, WorkQueue } from "sortline";
import { cleanText, withoutQuotes } from "sortline/email";
import { z } from "zod";

performance.mark("first constructor");

const Address = z.object({ name: z.string(), street: z.string(), city: z.string(), country: z.string().length(2) });
const Line = z.object({ article: z.string(), pieces: z.number().int().positive(), cents: z.number().int() });
const Order = z.object({ id: z.string(), customer: z.string(), to: Address, lines: z.array(Line), note: z.string() });
const Invoice = z.object({ id: z.string(), order: z.string(), cents: z.number().int(), due: z.iso.date() });
const Parcel = z.object({ id: z.string(), order: z.string(), grams: z.number(), carrier: z.enum(["road", "air"]) });
const Letter = z.object({ id: z.string(), to: z.string(), subject: z.string(), text: z.string() });
const Upload = z.object({ id: z.string(), bucket: z.string(), key: z.string(), format: z.string() });
const Alarm = z.object({ id: z.string(), what: z.string(), severity: z.number().min(0).max(10) });
type Order = z.infer<typeof Order>;

/** The code of each function: what a build waits for. */
export const codes: pulumi.Output<unknown>[] = [];
const usual = {
    memory: 256,
    transform: {
        function: (args: aws.lambda.FunctionArgs) => {
            codes.push(pulumi.output(args.code));
            return args;
        },
    },
};

const config = new pulumi.Config("shop");
const uploads = new EventStream("uploads", { schema: Upload });
const orders = new EventStream("orders", { schema: Order, partitionBy: (order) => order.customer });
const invoices = new EventStream("invoices", { schema: Invoice, partitionBy: (invoice) => invoice.order });
const parcels = new EventStream("parcels", { schema: Parcel });
const letters = new EventStream("letters", { schema: Letter });
const alarms = new EventStream("alarms", { schema: Alarm });

const known = new RecordIndex("known");
const archive = new RecordIndex<{ id: string; city?: string; cents?: number }>("archive");
const review = new WorkQueue("review");
const packing = new WorkQueue<{ id: string; order: string; grams: number }>("packing");
const printing = new WorkQueue<{ id: string; subject: string }>("printing");

const freeShippingFrom = config.getNumber("freeShippingFrom") ?? 5000;
const vat: Record<string, number> = { DE: 0.19, AT: 0.2, FR: 0.2, NL: 0.21, DK: 0.25 };
const limits = { lines: 200, grams: 31_500, cents: 2_000_000, subject: 120 };
const carriers = ["road", "air"] as const;
const phrases = { thanks: "Thank you for your order", late: "Your payment is overdue", sorry: "We are sorry" };

const kinesis = new KinesisClient({});
const objects = new S3Client({});
const queues = new SQSClient({});
const tables = new Tables({});
const events = new EventBridgeClient({});
const xml = new XMLParser({ ignoreAttributes: false });

const total = (order: Pick<Order, "lines">) => order.lines.reduce((sum, line) => sum + line.pieces * line.cents, 0);
const withVat = (cents: number, country: string) => Math.round(cents * (1 + (vat[country] ?? 0)));
const digest = (...parts: readonly string[]) =>
    createHash("sha256").update(parts.join("\n")).digest("hex").slice(0, 24);
const money = (cents: number) => `${(cents / 100).toFixed(2)} EUR`;

async function textOf(bucket: string, key: string): Promise<string> {
    const { Body } = await objects.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    if (Body === undefined) throw new RejectRecord(`${key} is empty`);
    return Body.transformToString();
}

function orderOf(fields: Record<string, unknown>, id: string): Order {
    const parsed = Order.safeParse({ ...fields, id });
    if (!parsed.success) throw new RejectRecord(`This is no order: ${parsed.error.issues.length} problems`);
    return parsed.data;
}

class Weighing {
    #grams = 0;
    add(pieces: number, article: string): this {
        this.#grams += pieces * (article.startsWith("book") ? 450 : 180);
        return this;
    }
    get carrier(): (typeof carriers)[number] {
        return this.#grams > 10_000 ? "road" : "air";
    }
    get grams(): number {
        return this.#grams;
    }
}

// 1 to 5: uploads become orders.
uploads.stage("read-csv", { ...usual, into: orders }, async ({ id, bucket, key, format }) => {
    if (format !== "csv") return undefined;
    const rows = parseCsv(await textOf(bucket, key), { columns: true }) as Record<string, unknown>[];
    return rows.slice(0, limits.lines).map((row, index) => orderOf(row, `${id}-${index}`));
});

uploads.stage("read-xml", { ...usual, into: orders }, async ({ id, bucket, key, format }) => {
    if (format !== "xml") return undefined;
    const { order } = xml.parse(await textOf(bucket, key)) as { order?: Record<string, unknown> };
    return order === undefined ? undefined : orderOf(order, id);
});

uploads.stage("read-yaml", { ...usual, into: orders }, async ({ id, bucket, key, format }) => {
    if (format !== "yaml") return undefined;
    return orderOf(loadYaml(await textOf(bucket, key)) as Record<string, unknown>, id);
});

uploads.stage("read-mail", { ...usual, into: letters }, async ({ id, bucket, key, format }) => {
    if (format !== "eml") return undefined;
    const { from, subject = "", html, text } = await PostalMime.parse(await textOf(bucket, key));
    const plain = text ?? (html === undefined ? "" : htmlToText(html, { wordwrap: false }));
    return { id, to: from?.address ?? "", subject: subject.slice(0, limits.subject), text: plain };
});

uploads.stage("note-unknown", { ...usual, into: alarms }, async ({ id, format }) => {
    const expected = ["csv", "xml", "yaml", "eml"];
    if (expected.includes(format)) return undefined;
    return { id, what: `format ${format}`, severity: 3 };
});

// 6 to 11: orders are checked, billed, packed and announced.
orders.stage("check", { ...usual, into: alarms }, async (order) => {
    const cents = total(order);
    if (cents > limits.cents) return { id: order.id, what: `${money(cents)} at once`, severity: 7 };
    if (order.lines.length > limits.lines) return { id: order.id, what: "too many lines", severity: 2 };
    return undefined;
});

orders.stage("bill", { ...usual, into: invoices }, async (order) => {
    if ((await known.get(order.id)) !== undefined) return undefined;
    const cents = withVat(total(order), order.to.country);
    const due = new Date(Date.now() + 14 * 86_400_000).toISOString().slice(0, 10);
    await known.put({ id: order.id });
    return { id: digest("invoice", order.id), order: order.id, cents, due };
});

orders.stage("pack", { ...usual, into: parcels }, async (order) => {
    const weighing = new Weighing();
    for (const { pieces, article } of order.lines) weighing.add(pieces, article);
    const { grams, carrier } = weighing;
    if (grams > limits.grams) throw new RejectRecord(`${grams} g are too heavy for one parcel`);
    return { id: digest("parcel", order.id), order: order.id, grams, carrier };
});

orders.stage("thank", { ...usual, into: letters }, async ({ id, customer, to, lines }) => {
    const shipping = total({ lines }) >= freeShippingFrom ? "free shipping" : "plus shipping";
    const text = `Dear ${to.name},\n${phrases.thanks}: ${money(total({ lines }))}, ${shipping}.`;
    return { id: digest("thanks", id), to: customer, subject: phrases.thanks, text };
});

orders.stage("archive-order", usual, async (order) => {
    await archive.put({ id: order.id, city: order.to.city, cents: total(order) });
});

orders.batchStage("count", { ...usual, batch: { size: 500, seconds: 5 } }, async (batch) => {
    const byCountry = new Map<string, Order[]>();
    for (const order of batch) byCountry.set(order.to.country, [...(byCountry.get(order.to.country) ?? []), order]);
    const Entries = [...byCountry].map(([country, some]) => ({
        Source: "shop",
        DetailType: "orders",
        Detail: JSON.stringify({ country, orders: some.length, cents: some.reduce((sum, one) => sum + total(one), 0) }),
    }));
    await events.send(new PutEventsCommand({ Entries }));
    return batch.map(() => undefined);
});

// 12 to 14: invoices.
invoices.stage("remind", { ...usual, into: letters }, async ({ id, order, due, cents }) => {
    if (new Date(due).getTime() > Date.now()) return undefined;
    const { Item } = await tables.send(
        new GetItemCommand({ TableName: archive.tableName.get(), Key: { id: { S: order } } }),
    );
    const city = Item?.city?.S ?? "unknown";
    return { id: digest("late", id), to: order, subject: phrases.late, text: `${money(cents)}, ${city}` };
});

invoices.stage("book", usual, async ({ id, cents }) => {
    const Body = JSON.stringify({ account: 8400, id, cents });
    await queues.send(new SendMessageCommand({ QueueUrl: review.queueUrl.get(), MessageBody: Body }));
});

invoices.batchStage("largest", { ...usual, into: alarms, batch: { size: 100 } }, async (batch) => {
    const [largest] = [...batch].sort((a, b) => b.cents - a.cents);
    return batch.map((invoice) =>
        invoice === largest && invoice.cents > limits.cents / 2
            ? { id: invoice.id, what: `an invoice of ${money(invoice.cents)}`, severity: 4 }
            : undefined,
    );
});

// 15 to 17: parcels.
parcels.stage("label", usual, async (parcel) => {
    await packing.send({ id: parcel.id, order: parcel.order, grams: parcel.grams });
});

parcels.stage("announce", usual, async ({ id, carrier, grams }) => {
    const Data = Buffer.from(JSON.stringify({ id, carrier, grams, at: new Date().toISOString() }));
    await kinesis.send(
        new PutRecordsCommand({ StreamName: alarms.streamName.get(), Records: [{ Data, PartitionKey: id }] }),
    );
});

parcels.stage("by-air", { ...usual, into: alarms }, async ({ id, carrier, grams }) => {
    if (carrier !== carriers[1] || grams < 8000) return undefined;
    return { id, what: `${grams} g by air`, severity: Math.min(10, Math.ceil(grams / 1000)) };
});

// 18 to 19: letters.
letters.stage("answer", { ...usual, into: letters }, async ({ id, to, subject, text }) => {
    const said = cleanText(withoutQuotes(text)).toLowerCase();
    if (!/complain|broken|wrong|late/.test(said)) return undefined;
    return { id: digest("sorry", id), to, subject: `Re: ${subject}`, text: `${phrases.sorry}.` };
});

letters.stage("print", usual, async ({ id, subject }) => {
    if (subject === "") throw new RejectRecord("A letter without a subject");
    await printing.send({ id, subject });
});

// 20: alarms.
const severe = 6;
let last: string | undefined;
alarms.stage("escalate", usual, async ({ id, what, severity }) => {
    if (severity < severe || what === last) return;
    last = what;
    await review.send({ id });
});
