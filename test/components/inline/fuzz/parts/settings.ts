/** The configuration of every generated program. */
export const settings: Readonly<Record<string, string>> = {
    "fuzz:number": "41",
    "fuzz:text": "settled größe",
    "fuzz:object": '{"a":[1,{"b":null}],"c":"d"}',
    "fuzz:flag": "true",
};
