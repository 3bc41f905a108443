import type { Route, SortedMessage } from "./schemas";

/** Where each category goes. A label that is not here goes to a person. */
export const ROUTES: Readonly<Record<string, Route>> = {
    quotation_request: "sales",
    contract_change: "sales",
    order_status: "support",
    technical_problem: "support",
    other: "support",
    invoice_payment: "accounting",
    complaint: "feedback",
    praise: "feedback",
};

/** The queue of a category, or undefined for a label that no route knows. */
export function routeOf(category: string): Route | undefined {
    return Object.hasOwn(ROUTES, category) ? ROUTES[category] : undefined;
}

/** What became of a mail: its row in the index. It holds no text of the mail. */
export type Outcome = Pick<
    SortedMessage,
    "id" | "key" | "source" | "state" | "category" | "confidence" | "route" | "reason"
>;

/** The row of the index for a sorted mail. */
export function outcomeOf(sorted: SortedMessage): Outcome {
    const { id, key, source, state, category, confidence, route, reason } = sorted;
    return { id, key, source, state, category, confidence, route, reason };
}
