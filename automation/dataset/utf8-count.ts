/** How much of a stream of bytes is UTF-8. */
export interface Utf8Count {
    /** Characters beyond ASCII that are well-formed. */
    readonly characters: number;
    /** Places that are not UTF-8. */
    readonly broken: number;
    /** 1-based, of the first such place. */
    readonly brokenLine: number | undefined;
}

export interface Utf8Counter {
    add(bytes: Uint8Array): void;
    /** What there was so far; a character that has only begun counts as neither. */
    readonly count: Utf8Count;
    /** The same where that is all: a character that has only begun is broken. */
    end(): Utf8Count;
}

/** Bytes that may follow a first byte: how many, and the range of the first of them. Undefined for no first byte. */
function following(first: number): readonly [count: number, low: number, high: number] | undefined {
    if (first >= 0xc2 && first <= 0xdf) return [1, 0x80, 0xbf];
    if (first === 0xe0) return [2, 0xa0, 0xbf];
    if (first === 0xed) return [2, 0x80, 0x9f];
    if (first >= 0xe1 && first <= 0xef) return [2, 0x80, 0xbf];
    if (first === 0xf0) return [3, 0x90, 0xbf];
    if (first >= 0xf1 && first <= 0xf3) return [3, 0x80, 0xbf];
    if (first === 0xf4) return [3, 0x80, 0x8f];
    return undefined;
}

/** Counts what is UTF-8 and what is not, where `TextDecoder` says only that something is not. */
export function utf8Counter(): Utf8Counter {
    let characters = 0;
    let broken = 0;
    let brokenLine: number | undefined;
    let line = 1;
    let wanted = 0;
    let [low, high] = [0x80, 0xbf];
    let before = 0;
    const found = () => ({ characters, broken, brokenLine });
    const breaks = () => {
        broken++;
        brokenLine ??= line;
        wanted = 0;
    };
    return {
        add(bytes) {
            for (let at = 0; at < bytes.length; at++) {
                const byte = bytes[at] ?? 0;
                if (wanted > 0) {
                    if (byte >= low && byte <= high) {
                        [low, high] = [0x80, 0xbf];
                        if (--wanted === 0) characters++;
                        before = byte;
                        continue;
                    }
                    breaks();
                }
                if (byte < 0x80) {
                    if (byte === 0x0d || (byte === 0x0a && before !== 0x0d)) line++;
                } else {
                    const next = following(byte);
                    if (next === undefined) breaks();
                    else [wanted, low, high] = next;
                }
                before = byte;
            }
        },
        get count() {
            return found();
        },
        end() {
            if (wanted > 0) breaks();
            return found();
        },
    };
}
