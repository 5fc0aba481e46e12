import { useRef, useState } from "react";
import { Button } from "../ui/button.tsx";
import { millis } from "../ui/format.ts";
import { Badge } from "../ui/surface.tsx";
import "./experiment.css";

/** One request of an experiment: what it was answered, and how that is meant. */
export interface Cell {
  readonly label: string;
  readonly tone: "pending" | "good" | "same" | "refused" | "bad";
}

/** What an experiment found. `held` false: the claim does not hold, and that is shown as loudly. */
export interface Verdict {
  readonly held: boolean;
  readonly text: string;
}

/** How an experiment reports while it runs. */
export interface Report {
  plan(cells: number): void;
  cell(at: number, cell: Cell): void;
  say(text: string): void;
  readonly signal: AbortSignal;
}

/** What an experiment claims, and how it is run. */
export interface ExperimentSpec {
  readonly id: string;
  readonly title: string;
  readonly claim: string;
  readonly button: string;
  /** Why it takes somebody signed in. */
  readonly needsSignIn?: string;
  readonly run: (report: Report) => Promise<Verdict>;
}

interface State {
  readonly phase: "idle" | "running" | "done";
  readonly cells: readonly Cell[];
  readonly said: string;
  readonly verdict?: Verdict;
  readonly ms?: number;
}

const useExperiment = (spec: ExperimentSpec) => {
  const [state, setState] = useState<State>({ phase: "idle", cells: [], said: "" });
  const control = useRef<AbortController>(undefined);
  const run = async () => {
    control.current = new AbortController();
    setState({ phase: "running", cells: [], said: "" });
    const start = performance.now();
    const verdict = await spec
      .run({
        signal: control.current.signal,
        plan: (cells) =>
          setState((s) => ({
            ...s,
            cells: Array.from({ length: cells }, () => ({ label: "", tone: "pending" })),
          })),
        cell: (at, cell) => setState((s) => ({ ...s, cells: s.cells.with(at, cell) })),
        say: (said) => setState((s) => ({ ...s, said })),
      })
      .catch((error: unknown) => ({
        held: false,
        text: error instanceof Error ? error.message : "The experiment broke",
      }));
    setState((s) => ({ ...s, phase: "done", verdict, ms: performance.now() - start }));
  };
  return { state, run, stop: () => control.current?.abort() };
};

const tally = (cells: readonly Cell[]) => {
  const counts = new Map<string, { tone: Cell["tone"]; n: number }>();
  for (const { label, tone } of cells) {
    if (tone !== "pending") counts.set(label, { tone, n: (counts.get(label)?.n ?? 0) + 1 });
  }
  return [...counts];
};

/** Requests as squares, and how many were answered how. */
export const Cells = ({ cells }: { cells: readonly Cell[] }) => (
  <>
    <div className="cells" aria-hidden="true">
      {cells.map((cell, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a cell is its request's place in the order sent
        <span key={i} className={`cell ${cell.tone}`} title={cell.label} />
      ))}
    </div>
    <p className="row small figures">
      {tally(cells).map(([label, { tone, n }]) => (
        <span key={label} className="cell-key">
          <span className={`cell ${tone}`} aria-hidden="true" /> {n} × {label}
        </span>
      ))}
    </p>
  </>
);

/** One experiment: its claim, a button, what came, and whether the claim held. */
export const Experiment = ({ spec, allowed }: { spec: ExperimentSpec; allowed: boolean }) => {
  const { state, run, stop } = useExperiment(spec);
  const running = state.phase === "running";
  return (
    <article className="card experiment" aria-labelledby={`${spec.id}-title`} data-experiment={spec.id}>
      <h3 id={`${spec.id}-title`}>{spec.title}</h3>
      <p className="quiet small">{spec.claim}</p>
      <div className="row">
        <Button look="ember" busy={running} disabled={!allowed} onClick={() => void run()}>
          {spec.button}
        </Button>
        {running && (
          <Button look="plain" onClick={stop}>
            Stop
          </Button>
        )}
        {!allowed && <span className="small quiet">Sign in first: {spec.needsSignIn}.</span>}
      </div>
      {state.cells.length > 0 && <Cells cells={state.cells} />}
      <div role="status" className="small">
        {running && <p className="quiet">{state.said}</p>}
        {state.verdict && (
          <p className="verdict" data-held={state.verdict.held}>
            <Badge tone={state.verdict.held ? "good" : "bad"}>
              {state.verdict.held ? "Held" : "Did not hold"}
            </Badge>{" "}
            {state.verdict.text}{" "}
            <span className="quiet figures">{state.ms === undefined ? "" : millis(state.ms)}</span>
          </p>
        )}
      </div>
    </article>
  );
};
