import type { ModelRequest, ModelResponse, ModelServer } from "./model-server";

export interface FleetOptions {
    /** Starts one more server. */
    start(): ModelServer;
    /** How many run at all times; 0 lets the fleet sleep. */
    readonly smallest: number;
    /** How many run at most. */
    readonly largest: number;
    /** Milliseconds without a request until what is more than `smallest` ends. */
    readonly idle: number;
    /** Told when a healthy server ended by itself or no longer answers. */
    onCrash(): void;
}

/** The fleet takes no more requests. */
export class FleetStopped extends Error {
    override readonly name = "FleetStopped";
}

/** The servers of one production variant: enough of them, healthy ones preferred, replaced when they end. */
export class Fleet {
    readonly #servers = new Set<ModelServer>();
    readonly #healthy = new Set<ModelServer>();
    /** No longer used, but not ended yet. */
    readonly #leaving = new Set<ModelServer>();
    readonly #options: FleetOptions;
    #smallest: number;
    #largest: number;
    #stopped = false;
    #crashes = 0;
    #idle: NodeJS.Timeout | undefined;
    #restart: NodeJS.Timeout | undefined;

    constructor(options: FleetOptions) {
        this.#options = options;
        this.#smallest = options.smallest;
        this.#largest = options.largest;
    }

    /** Starts it, one server at least. @throws UnhealthyError when one of them does not become healthy. */
    async start(): Promise<void> {
        const first = Array.from({ length: Math.max(this.#smallest, 1) }, () => this.#launch());
        await Promise.all(first.map((server) => server.ready));
        this.#sleepLater();
    }

    get size(): number {
        return this.#servers.size;
    }

    /** Sends a request to the least busy server; starts one where all are busy and there may be more. */
    async invoke(request: ModelRequest): Promise<ModelResponse> {
        clearTimeout(this.#idle);
        try {
            const server = await this.#free();
            try {
                return await server.invoke(request);
            } catch (error) {
                // It has ended, or hangs: it serves one request after the other, so that would hold up all others.
                this.#giveUp(server);
                throw error;
            }
        } finally {
            this.#sleepLater();
        }
    }

    /** Changes the number of servers that run at all times. @throws UnhealthyError */
    async resize(count: number): Promise<void> {
        this.#smallest = count;
        this.#largest = count;
        const added: ModelServer[] = [];
        while (this.#servers.size < count) added.push(this.#launch());
        await Promise.all(added.map((server) => server.ready));
        this.#shrink();
    }

    /** Lets requests finish, then ends all servers. */
    async stop(): Promise<void> {
        this.#end();
        await Promise.all([...this.#servers, ...this.#leaving].map((server) => server.stop()));
    }

    /** Ends all servers at once. */
    async kill(): Promise<void> {
        this.#end();
        const all = [...this.#servers, ...this.#leaving];
        for (const server of all) server.kill();
        await Promise.all(all.map((server) => server.exited));
    }

    #end(): void {
        this.#stopped = true;
        clearTimeout(this.#idle);
        clearTimeout(this.#restart);
    }

    async #free(): Promise<ModelServer> {
        if (this.#stopped) throw new FleetStopped("The variant is being replaced or deleted.");
        const [least] = [...this.#healthy].sort((a, b) => a.inFlight - b.inFlight);
        const starting = [...this.#servers].find((server) => !this.#healthy.has(server));
        if (least === undefined) {
            const server = starting ?? this.#launch();
            await server.ready;
            return server;
        }
        if (least.inFlight > 0 && starting === undefined && this.#servers.size < this.#largest) this.#launch();
        return least;
    }

    #launch(): ModelServer {
        const server = this.#options.start();
        this.#servers.add(server);
        server.ready.then(
            () => {
                if (!this.#servers.has(server)) return;
                this.#healthy.add(server);
                this.#crashes = 0;
            },
            () => this.#giveUp(server),
        );
        server.exited.then(() => {
            this.#giveUp(server);
            this.#leaving.delete(server);
        });
        return server;
    }

    /** Uses a server no more, and puts another one in its place where there are too few. */
    #giveUp(server: ModelServer): void {
        if (!this.#servers.delete(server)) return;
        this.#leaving.add(server);
        server.kill();
        if (this.#healthy.delete(server) && !this.#stopped) this.#options.onCrash();
        if (!this.#stopped) this.#replaceLater();
    }

    /** At once the first time, then with growing pauses: a model that cannot start must not occupy the machine. */
    #replaceLater(): void {
        const pause = this.#crashes === 0 ? 0 : Math.min(30_000, 250 * 2 ** this.#crashes);
        this.#crashes++;
        clearTimeout(this.#restart);
        this.#restart = setTimeout(() => {
            while (!this.#stopped && this.#servers.size < this.#smallest) this.#launch();
        }, pause);
    }

    #sleepLater(): void {
        clearTimeout(this.#idle);
        if (this.#stopped || this.#servers.size <= this.#smallest) return;
        this.#idle = setTimeout(() => this.#shrink(), this.#options.idle);
        this.#idle.unref();
    }

    #shrink(): void {
        const spare = [...this.#servers].slice(this.#smallest);
        for (const server of spare) {
            if (server.inFlight > 0) continue;
            this.#servers.delete(server);
            this.#healthy.delete(server);
            this.#leaving.add(server);
            void server.stop();
        }
        this.#sleepLater();
    }
}
