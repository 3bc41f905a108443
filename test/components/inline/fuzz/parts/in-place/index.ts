export { Depot } from "./depot";
export { Line } from "./line";
