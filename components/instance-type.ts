// What the name of a SageMaker instance type tells: family, generation, capabilities, size.

/** Families with NVIDIA's GPUs: p3, p4d, p5en, g4dn, g5, g6e, gr6 … */
const GPU = /^ml\.(p|g|gr)\d/;
/** Families with disks of their own: GPU ones but the oldest, AWS's accelerators, and those with a d after the number. */
const LOCAL_DISKS = /^ml\.(g[5-9][a-z]*|gr\d|p[5-9][a-z0-9-]*|trn\d[a-z]*|[a-z]+\d+[a-z]*d[a-z]*)\./;

export function hasGpu(instanceType: string): boolean {
    return GPU.test(instanceType);
}

/** Whether it stores on disks of its own, which it encrypts itself: SageMaker refuses a key for them. */
export function hasLocalDisks(instanceType: string): boolean {
    return LOCAL_DISKS.test(instanceType);
}
