// Assets and archives as the engine of the real Pulumi command sends them.

import { createHash } from "node:crypto";
import {
    isProperties,
    mapProperties,
    type Properties,
    signatureOf,
    text,
    transformed,
    type Value,
} from "../../../local/pulumi/values";

/** With the engine's digests, which are its own: a provider must not compare them with others. */
export function withDigests(properties: Properties): Properties {
    return ofAssets(properties, (asset) => {
        const content = text(asset.path) ?? text(asset.text) ?? JSON.stringify(asset.assets);
        return { ...asset, hash: createHash("md5").update(content).digest("hex") };
    });
}

/** By their digests alone, as they come wherever the content does not matter. */
export function elided(properties: Properties): Properties {
    return ofAssets(properties, ({ path: _, text: __, assets: ___, ...rest }) => rest);
}

/** With the contents of the assets that were known by their digests, among those of `known`. */
export function restored(properties: Properties, known: Properties): Properties {
    const byDigest = new Map<Value | undefined, Properties>();
    ofAssets(known, (asset) => {
        byDigest.set(asset.hash, asset);
        return asset;
    });
    return ofAssets(properties, (asset) => byDigest.get(asset.hash) ?? asset);
}

function ofAssets(properties: Properties, change: (asset: Properties) => Value): Properties {
    const isAsset = (value: Value) => ["asset", "archive"].includes(signatureOf(value) ?? "");
    return mapProperties(properties, (value) =>
        transformed(value, (inner) => (isProperties(inner) && isAsset(inner) ? change(inner) : inner)),
    );
}
