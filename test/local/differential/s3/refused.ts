/** The twin refuses what moto takes. */
export function refused(status: number, error: object, motoOutput: object) {
    return {
        status: [status, 200],
        error: [{ ...error, RequestId: "<id>", HostId: "<id>" }, undefined],
        output: [undefined, motoOutput],
    } as const;
}
