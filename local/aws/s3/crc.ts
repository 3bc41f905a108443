import { crc32 } from "node:zlib";

/** A checksum of all bytes that it was given so far. */
export interface RunningChecksum {
    update(bytes: Uint8Array): void;
    digest(): Buffer;
}

/** The CRC of Ethernet and gzip. */
export function runningCrc32(): RunningChecksum {
    let value = 0;
    return {
        update(bytes) {
            value = crc32(bytes, value);
        },
        digest: () => bigEndian(value),
    };
}

/** How many bytes are taken at once, since no request is answered meanwhile. */
const stride = 8;

const castagnoli = crcTables({ high: 0, low: 0x82f63b78 });

/** Castagnoli's. */
export function runningCrc32c(): RunningChecksum {
    const state = { high: 0, low: -1 };
    return { update: (bytes) => advance(state, castagnoli, bytes), digest: () => bigEndian(~state.low) };
}

const nvme = crcTables({ high: 0x9a6c9329, low: 0xac4bc9b5 });

/** The CRC of NVM Express, with 64 bits. */
export function runningCrc64Nvme(): RunningChecksum {
    const state = { high: -1, low: -1 };
    return { update: (bytes) => advance(state, nvme, bytes), digest: () => bigEndian(~state.high, ~state.low) };
}

/** Two halves of 32 bits, since JavaScript's operators on bits have no more. */
interface Halves<Half> {
    high: Half;
    low: Half;
}

/** What a byte does to a CRC, by its value and by how many bytes come after it, up to a stride. */
function crcTables(polynomial: Readonly<Halves<number>>): Readonly<Halves<Uint32Array>> {
    const high = new Uint32Array(256 * stride);
    const low = new Uint32Array(256 * stride);
    for (let index = 0; index < 256; index++) {
        const value = { high: 0, low: index };
        for (let bit = 1; bit <= 8 * stride; bit++) {
            const out = value.low & 1;
            value.low = ((value.low >>> 1) | (value.high << 31)) ^ (out * polynomial.low);
            value.high = (value.high >>> 1) ^ (out * polynomial.high);
            if (bit % 8 !== 0) continue;
            const entry = 256 * (bit / 8 - 1) + index;
            high[entry] = value.high;
            low[entry] = value.low;
        }
    }
    return { high, low };
}

function advance(state: Halves<number>, tables: Readonly<Halves<Uint32Array>>, bytes: Uint8Array): void {
    let { high, low } = state;
    const { high: highs, low: lows } = tables;
    const whole = bytes.length - (bytes.length % stride);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let at = 0;
    for (; at < whole; at += stride) {
        const first = low ^ view.getInt32(at, true);
        const second = high ^ view.getInt32(at + 4, true);
        high = 0;
        low = 0;
        for (let byte = 0; byte < stride; byte++) {
            const word = byte < 4 ? first : second;
            const entry = 256 * (stride - 1 - byte) + ((word >>> (8 * (byte & 3))) & 0xff);
            high ^= highs[entry] ?? 0;
            low ^= lows[entry] ?? 0;
        }
    }
    for (; at < bytes.length; at++) {
        const entry = (low ^ view.getUint8(at)) & 0xff;
        low = (lows[entry] ?? 0) ^ ((low >>> 8) | (high << 24));
        high = (highs[entry] ?? 0) ^ (high >>> 8);
    }
    state.high = high;
    state.low = low;
}

function bigEndian(...words: readonly number[]): Buffer {
    const bytes = Buffer.alloc(4 * words.length);
    for (const [index, word] of words.entries()) bytes.writeUInt32BE(word >>> 0, 4 * index);
    return bytes;
}
