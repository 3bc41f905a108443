import type { GetRecordsOutput } from "@aws-sdk/client-kinesis";
import { wireValue } from "../protocol/json";

const comma = 0x2c;

/**
 * The body of GetRecords' answer. Its megabytes are written where they go, instead of into one text that is copied:
 * such texts live too long for V8's young generation and let the process grow.
 */
export function recordsBody({ Records = [], ...others }: GetRecordsOutput): Buffer {
    const frame = JSON.stringify(wireValue(others));
    const records = Records.map(({ Data, ...about }) => ({
        // The data come last, so that what is around them is one text on each side.
        before: `${JSON.stringify(wireValue(about)).slice(0, -1)},"Data":"`,
        data: buffer(Data),
    }));
    const start = `${frame.slice(0, -1)}${frame === "{}" ? "" : ","}"Records":[`;
    const room = records.reduce(
        (sum, { before, data }) => sum + Buffer.byteLength(before) + base64Length(data) + 3,
        Buffer.byteLength(start) + 2,
    );
    const body = Buffer.allocUnsafe(room);
    let at = body.write(start);
    for (const { before, data } of records) {
        at += body.write(before, at);
        at += body.write(data.toString("base64"), at, "latin1");
        at += body.write('"},', at, "latin1");
    }
    // The last one is followed by none.
    if (body[at - 1] === comma && records.length > 0) at--;
    at += body.write("]}", at, "latin1");
    return body.subarray(0, at);
}

function buffer(data: Uint8Array | undefined): Buffer {
    return data === undefined ? Buffer.alloc(0) : Buffer.from(data.buffer, data.byteOffset, data.length);
}

function base64Length({ length }: Buffer): number {
    return Math.ceil(length / 3) * 4;
}
