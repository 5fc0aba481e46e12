import { useState } from "react";
import { type Cell, Cells } from "../patterns/cells.tsx";
import { Button } from "../ui/button.tsx";
import { SelectField } from "../ui/field.tsx";
import { count, millis } from "../ui/format.ts";
import { Slider } from "../ui/slider.tsx";
import { Badge } from "../ui/surface.tsx";
import { useNow } from "../ui/use-now.ts";
import { floodRoutes } from "./flood-routes.ts";
import { RateHeaders } from "./headers-view.tsx";
import { type FloodState, useFlood } from "./use-flood.ts";

const Waiting = ({ until }: { until: number }) => {
  const now = useNow(200);
  return (
    <p className="row">
      <Badge tone="ember">Waiting</Badge>
      <span className="figures">
        The answers say to come again in {Math.max(0, (until - now) / 1_000).toFixed(1)} s: one request goes
        out then.
      </span>
    </p>
  );
};

const Outcome = ({ state }: { state: FloodState }) => {
  const of = (tone: Cell["tone"]) => state.cells.filter((cell) => cell.tone === tone).length;
  const [denied, unanswered] = [of("refused"), of("bad")];
  const passed = state.after?.tone === "good";
  return (
    <div role="status" className="stack tight small">
      {state.phase !== "flooding" && state.ms !== undefined && (
        <p className="quiet figures">
          {count(state.cells.length)} requests in {millis(state.ms)}: {count(of("good"))} answered by the
          route, {count(denied)} stopped before it
          {unanswered > 0 && `, ${count(unanswered)} without an answer`}.{" "}
          {denied === 0 && unanswered === 0 && "The limit was not met: send more, or flood another route."}
        </p>
      )}
      {state.phase === "done" && state.until !== undefined && !state.after && (
        <p>
          No request was sent to see whether Retry-After holds: it was stopped, or is too long to wait for.
        </p>
      )}
      {state.after && (
        <p className="verdict" data-held={passed}>
          <Badge tone={passed ? "good" : "bad"}>{passed ? "Held" : "Did not hold"}</Badge> At the time that
          Retry-After stated, one more request: {state.after.label}.
        </p>
      )}
    </div>
  );
};

/** Sends many requests at once at a route of this API, and shows what its limits make of them. */
export const Flood = () => {
  const [chosen, setChosen] = useState(floodRoutes[0]?.id);
  const route = floodRoutes.find(({ id }) => id === chosen) ?? floodRoutes[0];
  const [requests, setRequests] = useState(route?.requests ?? 60);
  const { state, run, stop } = useFlood();
  if (!route) return null;
  const busy = state.phase === "flooding" || state.phase === "waiting";
  return (
    <div className="card stack" data-testid="flood">
      <div className="stack tight">
        <h3>Flood a route</h3>
        <p className="quiet small">
          Real requests from this browser, sent all at once; over HTTP/1.1 it has six under way at a time.
          What is let through and what is denied is drawn as the answers come. Then, when the last refusal's
          Retry-After is over, one more request shows whether it is let in.
        </p>
      </div>
      <div className="form-grid">
        <SelectField
          label="Route"
          hint={route.hint}
          value={route.id}
          onChange={(event) => {
            const next = floodRoutes.find(({ id }) => id === event.target.value);
            setChosen(next?.id);
            setRequests(next?.requests ?? requests);
          }}
        >
          {floodRoutes.map(({ id, label }) => (
            <option key={id} value={id}>
              {label}
            </option>
          ))}
        </SelectField>
        <Slider
          label="Requests"
          words={count(requests)}
          value={requests}
          min={10}
          max={1_000}
          step={10}
          onChange={setRequests}
        />
      </div>
      <div className="row">
        <Button look="ember" busy={busy} onClick={() => void run(route, requests)}>
          Send {count(requests)} at once
        </Button>
        {busy && (
          <Button look="plain" onClick={stop}>
            Stop
          </Button>
        )}
      </div>
      {state.cells.length > 0 && <Cells cells={state.cells} />}
      {state.phase === "waiting" && state.until !== undefined && <Waiting until={state.until} />}
      <Outcome state={state} />
      {state.refusal && (
        <div className="stack tight">
          <h4>The first refusal</h4>
          <RateHeaders {...state.refusal} />
        </div>
      )}
    </div>
  );
};
