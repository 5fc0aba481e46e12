import { useEffect, useRef, useState } from "react";
import { Button } from "../ui/button.tsx";
import { millis } from "../ui/format.ts";
import { Badge } from "../ui/surface.tsx";
import { type Cell, Cells } from "./cells.tsx";
import { SignInLink } from "./sign-in-first.tsx";

/** What an experiment found. `held` false: the claim does not hold, and that is shown as loudly. Undefined: nothing was found out. */
export interface Verdict {
  readonly held: boolean | undefined;
  readonly text: string;
}

/** How an experiment reports while it runs. */
export interface Report {
  /** So many requests are to come; with `rows`, in as many equal parts, each drawn under its name. */
  plan(cells: number, rows?: readonly string[]): void;
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
  readonly rows: readonly string[];
  readonly said: string;
  readonly verdict?: Verdict;
  readonly ms?: number;
}

const useExperiment = (spec: ExperimentSpec) => {
  const [state, setState] = useState<State>({ phase: "idle", cells: [], rows: [], said: "" });
  const control = useRef<AbortController>(undefined);
  // Who leaves the page stops what it sends.
  useEffect(() => () => control.current?.abort(), []);
  const run = async () => {
    control.current = new AbortController();
    setState({ phase: "running", cells: [], rows: [], said: "" });
    const start = performance.now();
    const { signal } = control.current;
    const found = await spec
      .run({
        signal,
        plan: (cells, rows = []) =>
          setState((s) => ({
            ...s,
            rows,
            cells: Array.from({ length: cells }, () => ({ label: "", tone: "pending" })),
          })),
        cell: (at, cell) => setState((s) => ({ ...s, cells: s.cells.with(at, cell) })),
        say: (said) => setState((s) => ({ ...s, said })),
      })
      // What keeps an experiment from its end, a dead API or an ended session, says nothing of its claim.
      .catch((error: unknown) => ({
        held: undefined,
        text: error instanceof Error ? error.message : "The experiment broke",
      }));
    const verdict = signal.aborted ? { held: undefined, text: "Stopped before its end." } : found;
    setState((s) => ({ ...s, phase: "done", verdict, ms: performance.now() - start }));
  };
  return { state, run, stop: () => control.current?.abort() };
};

const outcomes = {
  true: ["good", "Held"],
  false: ["bad", "Did not hold"],
  undefined: ["ember", "Not decided"],
} as const;

const Found = ({ verdict: { held, text }, ms }: { verdict: Verdict; ms: number | undefined }) => {
  const [tone, word] = outcomes[`${held}`];
  return (
    <p className="verdict" data-held={held}>
      <Badge tone={tone}>{word}</Badge> {text}{" "}
      <span className="quiet figures">{ms === undefined ? "" : `Took ${millis(ms)}.`}</span>
    </p>
  );
};

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
        {!allowed && (
          <span className="small quiet">
            <SignInLink>Sign in</SignInLink> first: {spec.needsSignIn}.
          </span>
        )}
      </div>
      {state.cells.length > 0 && <Cells cells={state.cells} rows={state.rows} />}
      <div role="status" className="small">
        {running && <p className="quiet">{state.said}</p>}
        {state.verdict && <Found verdict={state.verdict} ms={state.ms} />}
      </div>
    </article>
  );
};
