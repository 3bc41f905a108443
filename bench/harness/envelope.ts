import { wrap } from "../../components/runtime/envelope";

const kind = { type: "input", dataschema: "urn:sortline:input" };
const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/** A datum as it travels to a stage. */
export function record<Data extends { readonly id: string }>(data: Data): Buffer {
    return Buffer.from(JSON.stringify(wrap(data, { id: data.id, source: "/bench", kind, traceparent })), "utf8");
}
