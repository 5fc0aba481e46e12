import { useEffect, useRef, useState } from "react";
import type { Failure } from "../api/failure.ts";
import { Button } from "../ui/button.tsx";
import { count, millis, plural } from "../ui/format.ts";
import { Slider } from "../ui/slider.tsx";
import { Badge, FailureNotice } from "../ui/surface.tsx";
import { wait } from "../ui/wait.ts";
import { freshSpace, type Space } from "./cache-client.ts";

/** What the record was seen to hold, and when: milliseconds since the first write. */
interface Seen {
  readonly at: number;
  readonly value: number;
}

interface State {
  readonly phase: "idle" | "writing" | "watching" | "done";
  readonly acknowledged: number;
  readonly wroteMs: number;
  readonly seen: readonly Seen[];
  readonly failure?: Failure;
}

/** After the last write was acknowledged: a record that takes longer has not caught up. */
const GIVE_UP_MS = 30_000;
const first: State = { phase: "idle", acknowledged: 0, wroteMs: 0, seen: [] };

const watchRecord = async (
  space: Space,
  last: number,
  start: number,
  signal: AbortSignal,
  deadline: () => number,
  tell: (seen: readonly Seen[]) => void,
) => {
  const seen: Seen[] = [];
  while (!signal.aborted && performance.now() < deadline()) {
    const outcome = await space.record("counter", signal);
    const value = outcome.ok ? Number(outcome.data.value) : 0;
    if (value > 0 && value !== seen.at(-1)?.value) {
      seen.push({ at: performance.now() - start, value });
      tell([...seen]);
    }
    if (value === last) return;
    await wait(150, signal);
  }
};

const useWriteBehind = () => {
  const [state, setState] = useState<State>(first);
  const control = useRef<AbortController>(undefined);
  useEffect(() => () => control.current?.abort(), []);
  const run = async (writes: number) => {
    control.current?.abort();
    control.current = new AbortController();
    const { signal } = control.current;
    const space = freshSpace("behind");
    const start = performance.now();
    setState({ ...first, phase: "writing" });
    const change = (part: Partial<State>) => setState((before) => ({ ...before, ...part }));
    let deadline = Number.POSITIVE_INFINITY;
    const watching = watchRecord(
      space,
      writes,
      start,
      signal,
      () => deadline,
      (seen) => change({ seen }),
    );
    // One after another: the last written is the last value.
    for (let n = 1; n <= writes && !signal.aborted; n += 1) {
      const outcome = await space.put("counter", { value: n, strategy: "write-behind" }, signal);
      if (!outcome.ok) {
        control.current.abort();
        return change({ phase: "done", failure: outcome.failure });
      }
      change({ acknowledged: n, wroteMs: performance.now() - start });
    }
    deadline = performance.now() + GIVE_UP_MS;
    change({ phase: "watching" });
    await watching;
    change({ phase: "done" });
  };
  return { state, run };
};

const Outcome = ({ state, writes }: { state: State; writes: number }) => {
  const last = state.seen.at(-1);
  if (state.phase !== "done" || state.failure) return null;
  const caughtUp = last?.value === writes;
  return (
    <p>
      <Badge tone={caughtUp ? "good" : "bad"}>{caughtUp ? "Caught up" : "Not caught up"}</Badge>{" "}
      {caughtUp
        ? `${plural(writes, "write")} acknowledged in ${millis(state.wroteMs)}; the record was seen at ${plural(state.seen.length, "value")} and held the last one ${millis(Math.max(0, last.at - state.wroteMs))} after it.`
        : "The record does not hold the last value."}
    </p>
  );
};

const Track = ({ writes, state }: { writes: number; state: State }) => (
  <div className="behind-track">
    <div>
      <span className="small">The entry</span>
      <div className="meter" aria-hidden="true">
        <span style={{ width: `${(state.acknowledged / writes) * 100}%` }} />
      </div>
      <span className="mono figures small">{count(state.acknowledged)}</span>
    </div>
    <div>
      <span className="small">The record</span>
      <div className="meter iris" aria-hidden="true">
        <span style={{ width: `${((state.seen.at(-1)?.value ?? 0) / writes) * 100}%` }} />
        {state.seen.map(({ value }) => (
          <i key={value} style={{ left: `${(value / writes) * 100}%` }} />
        ))}
      </div>
      <span className="mono figures small">{count(state.seen.at(-1)?.value ?? 0)}</span>
    </div>
  </div>
);

/** Writes one key many times, and watches its record catch up. */
export const WriteBehind = () => {
  const [writes, setWrites] = useState(40);
  const { state, run } = useWriteBehind();
  const busy = state.phase === "writing" || state.phase === "watching";
  return (
    <div className="card stack" data-testid="write-behind">
      <div className="stack tight">
        <h3>Write behind</h3>
        <p className="quiet small">
          Each write is acknowledged when the entry has it. Its record follows through a stream and a queue,
          and takes only the newest: many writes become few.
        </p>
      </div>
      <div className="form-grid narrow">
        <Slider
          label="Writes of one key"
          words={count(writes)}
          value={writes}
          min={5}
          max={200}
          step={5}
          onChange={(n) => !busy && setWrites(n)}
        />
      </div>
      <div className="row">
        <Button look="primary" busy={busy} onClick={() => void run(writes)}>
          Write {count(writes)} times
        </Button>
      </div>
      <FailureNotice failure={state.failure} />
      <Track writes={writes} state={state} />
      <div role="status" className="small">
        <Outcome state={state} writes={writes} />
      </div>
    </div>
  );
};
