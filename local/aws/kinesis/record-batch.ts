/**
 * The records that one call puts into a shard, as one value of the store: a row for each would cost several times as
 * much to write and to read. Each is: bytes of the data (4, little-endian), bytes of the partition key (2), both.
 */
export interface PackedRecord {
    readonly partitionKey: string;
    readonly data: Uint8Array;
}

const headBytes = 6;

export function packRecords(records: readonly PackedRecord[]): Buffer {
    const sizes = records.map(({ partitionKey, data }) => ({
        key: Buffer.byteLength(partitionKey),
        data: data.length,
    }));
    const packed = Buffer.allocUnsafe(sizes.reduce((sum, { key, data }) => sum + headBytes + key + data, 0));
    let at = 0;
    records.forEach(({ partitionKey, data }, index) => {
        at = packed.writeUInt32LE(data.length, at);
        at = packed.writeUInt16LE(sizes[index]?.key ?? 0, at);
        at += packed.write(partitionKey, at);
        packed.set(data, at);
        at += data.length;
    });
    return packed;
}

/** The records in their order, beginning with the one after so many. Their data are views, not copies. */
export function* unpackRecords(packed: Buffer, skipped: number): Generator<PackedRecord & { readonly data: Buffer }> {
    let at = 0;
    for (let index = 0; at < packed.length; index++) {
        const key = at + headBytes;
        const data = key + packed.readUInt16LE(at + 4);
        const end = data + packed.readUInt32LE(at);
        if (index >= skipped)
            yield { partitionKey: packed.toString("utf8", key, data), data: packed.subarray(data, end) };
        at = end;
    }
}
