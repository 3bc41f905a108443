import { crc32, deflateRawSync } from "node:zlib";

/** An archive of one file, which may be run, as a program on Unix makes it. */
export function zip(name: string, text: string): Buffer {
    const packed = deflateRawSync(text);
    // Flags, method, time, date, checksum, size packed, size.
    const sizes = Buffer.alloc(20);
    sizes.writeUInt16LE(8, 2);
    sizes.writeUInt32LE(crc32(text), 8);
    sizes.writeUInt32LE(packed.length, 12);
    sizes.writeUInt32LE(text.length, 16);
    const lengths = Buffer.from([name.length, 0, 0, 0]);
    const local = Buffer.concat([Buffer.from("PK\x03\x04\x14\0"), sizes, lengths, Buffer.from(name), packed]);
    const attributes = Buffer.alloc(14);
    attributes.writeUInt32LE(0o100755 * 2 ** 16, 6);
    const entry = Buffer.concat([
        Buffer.from("PK\x01\x02\x14\x03\x14\0"),
        sizes,
        lengths,
        attributes,
        Buffer.from(name),
    ]);
    const end = Buffer.alloc(22);
    end.write("PK\x05\x06");
    end.writeUInt16LE(1, 8);
    end.writeUInt16LE(1, 10);
    end.writeUInt32LE(entry.length, 12);
    end.writeUInt32LE(local.length, 16);
    return Buffer.concat([local, entry, end]);
}
