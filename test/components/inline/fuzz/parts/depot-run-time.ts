/** Counts its calls, so that an artefact with two copies of a component would be seen. */
export const send = ({ url }: { url: string }) => {
    let calls = 0;
    return async (parcel: unknown) => `${parcel}>${url}:${++calls}`;
};

export const fetch =
    ({ url, limit }: { url: string; limit: string }) =>
    async (parcel: unknown) =>
        `${parcel}<${url}/${limit}`;
