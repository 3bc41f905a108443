import { text } from "./argument-rules";

/** What `cleaning` may be. */
export const cleaningRule = text("the version of the text cleaning, a text that is not empty");
