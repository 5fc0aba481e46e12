import type { Cloud } from "../../kit/cloud.ts";
import type { Task } from "./mail.ts";

/** Runs tasks when they are due. */
export interface Worker {
  add(task: Task): void;
  /** Lets nothing more begin, and waits a moment for what is under way. */
  stop(): Promise<void>;
}

/** Tasks at work at once: an event's delivery may wait long for a target that is down. */
const AT_ONCE = 256;
/** What is under way at the end may take this long, ms; then it is done again after the next start. */
const GRACE_MS = 1_000;

/** A worker over the cloud's clock; `run` never throws for long: what it throws is printed, and the task is lost to this run. */
export const createWorker = (cloud: Cloud, run: (task: Task) => Promise<void>): Worker => {
  const cancels = new Map<string, () => void>();
  const ready: Task[] = [];
  const running = new Set<Promise<void>>();
  let stopped = false;
  const fill = () => {
    while (!stopped && running.size < AT_ONCE) {
      const task = ready.shift();
      if (!task) return;
      const work = run(task)
        .catch((error: unknown) => cloud.print(`✗ ses: ${task.kind} failed: ${String(error)}`))
        .finally(() => {
          running.delete(work);
          fill();
        });
      running.add(work);
    }
  };
  return {
    add(task) {
      const begin = () => {
        cancels.delete(task.id);
        ready.push(task);
        fill();
      };
      cancels.set(task.id, cloud.clock.after(Math.max(0, task.due - cloud.clock.now()), begin));
    },
    async stop() {
      stopped = true;
      for (const cancel of cancels.values()) cancel();
      let timer: NodeJS.Timeout | undefined;
      const grace = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, GRACE_MS);
      });
      await Promise.race([Promise.all(running), grace]);
      clearTimeout(timer);
    },
  };
};
