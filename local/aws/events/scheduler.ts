import type { TwinContext } from "../context";
import type { Delivery } from "./delivery";
import type { Rule, Rules } from "./rules";

/** Waits for the rules with a schedule, by the twin's clock. What falls due while no twin runs is left out. */
export interface Scheduler {
    /** Waits for a rule anew: it was put, changed or removed. */
    reconsider(ruleArn: string, rule: Rule | undefined): void;
    start(): void;
    stop(): void;
}

export function createScheduler(
    { clock, report }: Pick<TwinContext, "clock" | "report">,
    rules: Rules,
    delivery: Delivery,
): Scheduler {
    const waiting = new Map<string, () => void>();
    let started = false;

    function wait(rule: Rule): void {
        if (!started || !rule.enabled || rule.schedule === undefined) return;
        const due = rule.schedule.next(clock.now(), rule.scheduledSince ?? 0);
        if (due !== undefined)
            waiting.set(
                rule.arn,
                clock.at(due, () => fire(rule, due)),
            );
    }

    function fire(rule: Rule, due: number): void {
        wait(rule);
        try {
            delivery.emitScheduled(rule, due);
        } catch (error) {
            const reason = error instanceof Error ? error.message : "unknown";
            report({
                level: "error",
                source: "events",
                message: `The schedule of rule ${rule.name} failed: ${reason}`,
            });
        }
    }

    function cancel(ruleArn: string): void {
        waiting.get(ruleArn)?.();
        waiting.delete(ruleArn);
    }

    return {
        reconsider(ruleArn, rule) {
            cancel(ruleArn);
            if (rule !== undefined) wait(rule);
        },
        start() {
            started = true;
            for (const rule of rules.all()) wait(rule);
        },
        stop() {
            started = false;
            for (const ruleArn of [...waiting.keys()]) cancel(ruleArn);
        },
    };
}
