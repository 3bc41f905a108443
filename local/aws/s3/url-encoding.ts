/**
 * A key as S3 writes it in lists with `encoding-type=url` and in notifications: as in a query string, `+` for spaces,
 * but with slashes.
 */
export function urlEncoded(key: string): string {
    return encodeURIComponent(key)
        .replace(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
        .replaceAll("%2F", "/")
        .replaceAll("%20", "+");
}
