/** Why a bench cannot begin, and what to do about it: told without the place in the code. */
export class CannotMeasure extends Error {}
