import type { Clock } from "../kit/clock.ts";
import type { Faults, Hit } from "./faults.ts";
import { latencyOf, wait } from "./latency.ts";
import type { Point } from "./match.ts";

// What is handed from one service to another (an event to a function's queue, a message to a queue, an event to a bus) may come
// late, twice, in another order, or be refused for now. It is never lost: no service of AWS's loses what it has taken.

interface Waiting {
  readonly order: number;
  release(): void;
}

/** What is being held back, by rule. */
interface Window {
  readonly waiting: Waiting[];
  cancel: () => void;
}

const KINDS = ["latency", "reorder", "throttle", "error", "duplicate"] as const;
const HELD_MS = 500;
const WINDOW = 4;

/** Someone to hand to, again if need be. */
export interface HandOver {
  readonly point: Point;
  /** Hands over once. */
  readonly send: () => Promise<void>;
  /** Told when a repeated hand-over fails; the first one's failure is thrown. */
  readonly failed: (error: unknown) => void;
}

/** A refusal of a target; what hands over retries it as it would on AWS. */
const refusal = (kind: "throttle" | "error"): Error =>
  kind === "throttle"
    ? Object.assign(new Error("Rate exceeded"), { name: "ThrottlingException" })
    : Object.assign(new Error("The target failed"), { name: "InternalFailure" });

/** Puts faults in the way of everything handed over. Returns what a span shows of them, if any struck. */
export const createHandOver = (
  faults: Faults,
  clock: Clock,
  kinds: readonly (typeof KINDS)[number][] = KINDS,
) => {
  const windows = new Map<string, Window>();

  const release = (rule: string) => {
    const window = windows.get(rule);
    windows.delete(rule);
    window?.cancel();
    // Orders are drawn, so that the same run lets the same ones pass.
    for (const one of window?.waiting.sort((a, b) => a.order - b.order) ?? []) one.release();
  };

  const reorder = ({ rule, fault, draw }: Hit<"reorder">): Promise<void> =>
    new Promise((resolve) => {
      const window = windows.get(rule) ?? { waiting: [], cancel: () => {} };
      windows.set(rule, window);
      if (window.waiting.length === 0) window.cancel = clock.after(fault.ms ?? HELD_MS, () => release(rule));
      window.waiting.push({ order: draw("order"), release: resolve });
      if (window.waiting.length >= (fault.window ?? WINDOW)) release(rule);
    });

  const again = ({ fault }: Hit<"duplicate">, { send, failed }: HandOver) => {
    const delays = fault.delays ?? [0];
    for (let time = 0; time < (fault.times ?? delays.length); time++) {
      const delay = delays[time % delays.length] ?? 0;
      // by the clock also without a delay: the first one goes first
      clock.after(delay, () => void send().catch(failed));
    }
  };

  return async (handOver: HandOver): Promise<string | undefined> => {
    const { point, send } = handOver;
    if (!faults.active()) return void (await send());
    const hits: readonly Hit<(typeof KINDS)[number]>[] = faults.strike(point, kinds);
    const notes: string[] = [];
    for (const { fault, draw, note, rule } of hits) {
      notes.push(note());
      if (fault.kind === "latency") await wait(clock, latencyOf(fault, draw));
      if (fault.kind === "reorder") await reorder({ fault, draw, note, rule });
      if (fault.kind === "throttle" || fault.kind === "error")
        throw Object.assign(refusal(fault.kind), { fault: notes.join(", ") });
    }
    await send();
    for (const { fault, draw, note, rule } of hits)
      if (fault.kind === "duplicate") again({ fault, draw, note, rule }, handOver);
    return notes.length > 0 ? notes.join(", ") : undefined;
  };
};
