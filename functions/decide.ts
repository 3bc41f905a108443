import { routeOf } from "./route";
import type { Message, SortedMessage } from "./schemas";

/** What a model said about one text. */
export interface Prediction {
    readonly label: string;
    /** Calibrated probability of the label, 0 to 1. */
    readonly probability: number;
    /** Which model said it. */
    readonly model: string;
}

/** From where on a model is believed. */
export interface Thresholds {
    /** Least probability, 0 to 1, with which a mail is sorted without a person. */
    readonly confidence: number;
}

/**
 * Decides what becomes of each message. `predictions[i]` belongs to `messages[i]`; undefined where no model is in
 * service. Whatever is in doubt goes to a person, with the reason.
 *
 * @throws RangeError if the two lists differ in length or a threshold is out of range: a mistake in the program.
 */
export function decide(
    messages: readonly Message[],
    predictions: readonly (Prediction | undefined)[],
    thresholds: Thresholds,
): SortedMessage[] {
    if (predictions.length !== messages.length) {
        throw new RangeError(
            `decide: ${messages.length} messages but ${predictions.length} predictions; there must be one for each`,
        );
    }
    if (!(thresholds.confidence >= 0 && thresholds.confidence <= 1)) {
        throw new RangeError(`decide: thresholds.confidence is ${thresholds.confidence}; it must be from 0 to 1`);
    }
    return messages.map((message, index) => ({
        id: message.id,
        key: message.key,
        source: message.source,
        threadId: message.threadId,
        subject: message.subject,
        text: message.text,
        ...decision(message, predictions[index], thresholds),
    }));
}

type Decision = Pick<SortedMessage, "state" | "category" | "confidence" | "model" | "route" | "reason">;

function decision(message: Message, prediction: Prediction | undefined, thresholds: Thresholds): Decision {
    const none = { category: null, confidence: null, model: null };
    if (message.ignore !== undefined) return { ...none, state: "ignored", route: null, reason: message.ignore };
    const review = { state: "review", route: "review" } as const;
    if (message.review !== undefined) return { ...none, ...review, reason: message.review };
    if (message.text === "") return { ...none, ...review, reason: "the mail has no text" };
    if (prediction === undefined) return { ...none, ...review, reason: "no model in service" };

    const { label, probability, model } = prediction;
    if (!(probability >= 0 && probability <= 1)) {
        return { ...none, ...review, reason: "the model gave no valid probability" };
    }
    const said = { category: label, confidence: probability, model };
    const shown = probability.toFixed(2);
    if (probability < thresholds.confidence) {
        return { ...said, ...review, reason: `confidence ${shown} is below ${thresholds.confidence.toFixed(2)}` };
    }
    const route = routeOf(label);
    if (route === undefined) return { ...said, ...review, reason: `no route for the category "${label}"` };
    return { ...said, state: "sorted", route, reason: `confidence ${shown}` };
}
