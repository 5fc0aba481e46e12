import { useEffect, useRef, useState } from "react";
import { type LimitAnswer, limitHeaders } from "../api/limit-headers.ts";
import type { Cell } from "../patterns/cells.tsx";
import { wait } from "../ui/wait.ts";
import type { FloodAnswer, FloodRoute } from "./flood-routes.ts";

type Told = Pick<LimitAnswer, "policy" | "limit" | "retryAfter">;

/** A flood as it goes. */
export interface FloodState {
  readonly phase: "idle" | "flooding" | "waiting" | "done";
  readonly cells: readonly Cell[];
  /** What the first refusal said. */
  readonly refusal?: Told;
  /** When the last refusal's Retry-After is over, in milliseconds since the epoch. */
  readonly until?: number;
  /** What the one request sent then was answered. */
  readonly after?: Cell;
  readonly ms?: number;
}

const statusOf = (answer: FloodAnswer) => (answer.ok ? answer.status : answer.failure.status);

/** What an answer means here: only 429 is a refusal of the limiter, a wrong password has passed it. */
export const cellOf = (answer: FloodAnswer): Cell => {
  const status = statusOf(answer);
  if (!answer.ok && answer.failure.kind === "aborted") return { label: "stopped", tone: "pending" };
  if (status === 429) return { label: "429 denied", tone: "refused" };
  if (answer.ok) return { label: `${status} admitted`, tone: "good" };
  if (status >= 500 || status === 0) return { label: answer.failure.title, tone: "bad" };
  return { label: `${status} admitted: ${answer.failure.title}`, tone: "good" };
};

const told = (answer: FloodAnswer): Told | undefined =>
  answer.headers && statusOf(answer) === 429 ? limitHeaders(answer.headers) : undefined;

const secondsOf = ({ retryAfter = "" }: Told): number => (/^\d+$/.test(retryAfter) ? Number(retryAfter) : 0);

/** Beyond this nobody waits at a screen. */
const PATIENCE_S = 120;

/** Sends `n` requests at once, and one more when the last refusal says that it will pass. */
export const useFlood = () => {
  const [state, setState] = useState<FloodState>({ phase: "idle", cells: [] });
  const control = useRef<AbortController>(undefined);
  useEffect(() => () => control.current?.abort(), []);
  const run = async (route: FloodRoute, n: number) => {
    control.current?.abort();
    control.current = new AbortController();
    const { signal } = control.current;
    const ask = route.prepare();
    const cells: Cell[] = Array.from({ length: n }, () => ({ label: "", tone: "pending" }));
    let refusal: Told | undefined;
    let until = 0;
    const start = performance.now();
    setState({ phase: "flooding", cells });
    // Hundreds of answers come between two frames: what is shown follows the frames, not the answers.
    const draw = setInterval(() => setState({ phase: "flooding", cells: [...cells] }), 60);
    await Promise.all(
      cells.map(async (_, i) => {
        const answer = await ask(signal);
        cells[i] = cellOf(answer);
        const said = told(answer);
        if (!said) return;
        refusal ??= said;
        until = Math.max(until, Date.now() + secondsOf(said) * 1_000);
      }),
    );
    clearInterval(draw);
    const flooded = { cells: [...cells], ms: performance.now() - start, ...(refusal ? { refusal } : {}) };
    if (until === 0) return setState({ phase: "done", ...flooded });
    if (signal.aborted || until - Date.now() > PATIENCE_S * 1_000)
      return setState({ phase: "done", ...flooded, until });
    setState({ phase: "waiting", ...flooded, until });
    await wait(until - Date.now(), signal);
    const after = signal.aborted ? undefined : cellOf(await ask(signal));
    setState({ phase: "done", ...flooded, until, ...(after ? { after } : {}) });
  };
  return { state, run, stop: () => control.current?.abort() };
};
