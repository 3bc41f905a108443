import type { KinesisClientResolvedConfig } from "@aws-sdk/client-kinesis";

/** What of an SDK client's configuration says where S3 is. */
export type S3Place = Pick<
    KinesisClientResolvedConfig,
    "region" | "endpointProvider" | "useFipsEndpoint" | "useDualstackEndpoint"
>;

/** Where an object is: the parts of a request that name it. */
export interface S3Address {
    readonly protocol: string;
    readonly hostname: string;
    readonly port?: number;
    /** Percent-encoded. */
    readonly path: string;
}

/**
 * Where S3 answers for a bucket. `AWS_ENDPOINT_URL_S3`, else `AWS_ENDPOINT_URL`, leads to one server for all buckets, as
 * in the SDK's own clients; otherwise it is the region's.
 */
export async function s3Address(client: S3Place, bucket: string, key: string): Promise<S3Address> {
    const path = `/${encoded(key)}`;
    const configured = process.env.AWS_ENDPOINT_URL_S3 || process.env.AWS_ENDPOINT_URL;
    if (configured !== undefined && configured !== "") {
        const { protocol, hostname, port, pathname } = new URL(configured);
        const inBucket = `${pathname.replace(/\/$/, "")}/${encoded(bucket)}${path}`;
        return { protocol, hostname, ...(port === "" ? {} : { port: Number(port) }), path: inBucket };
    }
    const host = await regionalHost(client);
    // The certificate covers one label before the host: a bucket with a dot in its name has to go into the path.
    return bucket.includes(".")
        ? { protocol: "https:", hostname: host, path: `/${encoded(bucket)}${path}` }
        : { protocol: "https:", hostname: `${bucket}.${host}`, path };
}

async function regionalHost(client: S3Place): Promise<string> {
    const region = await client.region();
    const kind = (await client.useFipsEndpoint()) ? "s3-fips" : "s3";
    const stack = (await client.useDualstackEndpoint()) ? ".dualstack" : "";
    // The client knows the domain of every partition, such as amazonaws.com.cn.
    const { url } = client.endpointProvider({ Region: region, UseFIPS: false, UseDualStack: false });
    const domain = url.hostname.slice(url.hostname.indexOf(`.${region}.`) + region.length + 2);
    return `${kind}${stack}.${region}.${domain}`;
}

/** As signatures have it: everything but unreserved characters, and the slashes between. */
function encoded(path: string): string {
    return path
        .split("/")
        .map((part) =>
            encodeURIComponent(part).replace(/[!'()*]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`),
        )
        .join("/");
}
