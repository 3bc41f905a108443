/** What happens to streams, for those in this process who want to know of one. */
export interface News<Item> {
    tell(streamName: string, item: Item): void;
    /** Returns a function that ends it. */
    listen(streamName: string, listener: (item: Item) => void): () => void;
}

export function createNews<Item>(): News<Item> {
    const listeners = new Map<string, Set<(item: Item) => void>>();
    return {
        tell(streamName, item) {
            for (const listener of [...(listeners.get(streamName) ?? [])]) listener(item);
        },
        listen(streamName, listener) {
            const own = listeners.get(streamName) ?? new Set();
            listeners.set(streamName, own.add(listener));
            return () => {
                own.delete(listener);
            };
        },
    };
}
