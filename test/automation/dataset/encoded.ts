/** Bytes of each character in encodings that only decoders are there for. */
const alphabets = new Map<string, ReadonlyMap<string, readonly number[]>>();

/** Writes a text in an encoding with one or two bytes a character, as `TextDecoder` reads it. */
export function encoded(text: string, encoding: string): Buffer {
    const known = alphabets.get(encoding) ?? alphabetOf(encoding);
    alphabets.set(encoding, known);
    return Buffer.from(
        [...text].flatMap((character) => {
            const bytes = known.get(character);
            if (bytes === undefined) throw new Error(`${encoding} has no ${character}`);
            return bytes;
        }),
    );
}

/** Writes a text as Japanese mail was written: with seven bits a byte, and escape sequences around what is no ASCII. */
export function iso2022jp(text: string): Buffer {
    const pieces = text.split(/([^\0-\x7f]+)/).map((piece, at) => {
        if (at % 2 === 0) return Buffer.from(piece);
        const letters = encoded(piece, "euc-jp").map((byte) => byte & 0x7f);
        return Buffer.concat([Buffer.from("\x1b$B"), letters, Buffer.from("\x1b(B")]);
    });
    return Buffer.concat(pieces);
}

/** Writes a text with four bytes a character. */
export function utf32(text: string, littleEndian: boolean): Buffer {
    const characters = [...text];
    const bytes = Buffer.alloc(4 * characters.length);
    characters.forEach((character, at) => {
        const code = character.codePointAt(0) ?? 0;
        if (littleEndian) bytes.writeUInt32LE(code, 4 * at);
        else bytes.writeUInt32BE(code, 4 * at);
    });
    return bytes;
}

function alphabetOf(encoding: string): ReadonlyMap<string, readonly number[]> {
    const found = new Map<string, readonly number[]>();
    const decoder = new TextDecoder(encoding);
    const add = (...bytes: readonly number[]) => {
        const character = decoder.decode(Uint8Array.from(bytes));
        const isOne = [...character].length === 1 && character !== "\ufffd";
        if (isOne && !found.has(character)) found.set(character, bytes);
    };
    for (let byte = 0; byte < 256; byte++) add(byte);
    for (let first = 0x81; first < 0xff; first++) for (let next = 0x40; next < 0xff; next++) add(first, next);
    return found;
}
