import { type FormEvent, useState } from "react";
import type { Failure } from "../../api/failure.ts";
import { Link } from "../../shell/router.tsx";
import { Button } from "../../ui/button.tsx";
import { TextArea, TextField } from "../../ui/field.tsx";
import { plural } from "../../ui/format.ts";
import { FailureNotice } from "../../ui/surface.tsx";
import { act } from "../client.ts";
import { Put, type Sample } from "./bus-data.ts";

interface State {
  readonly busy: boolean;
  readonly failure?: Failure;
  readonly put?: Put;
  readonly wrong?: string;
}

const objectOf = (text: string): object | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

const Outcome = ({ put }: { put: Put }) => (
  <p className="small">
    {put.rules.length === 0
      ? "No rule matched: nobody hears of it. "
      : `${plural(put.rules.length, "rule")} matched: ${put.rules.join(", ")}. `}
    {put.rules.length > 0 && <Link to={`/console/traces/${put.traceId}`}>Its trace</Link>}
  </p>
);

/** Puts an event on a bus, and says which rules it matched. */
export const PutForm = ({ bus, sample }: { bus: string; sample: Sample }) => {
  const [state, setState] = useState<State>({ busy: false });
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = Object.fromEntries(new FormData(event.currentTarget));
    const detail = objectOf(String(given.detail));
    if (!detail) return setState({ busy: false, wrong: "The detail is a JSON object." });
    setState({ busy: true });
    const answer = await act("events/put", { ...given, bus, detail }, Put);
    setState(answer.ok ? { busy: false, put: answer.data } : { busy: false, failure: answer.failure });
  };
  return (
    <form className="stack tight" onSubmit={(event) => void submit(event)}>
      <div className="console-filters">
        <TextField label="Source" name="source" defaultValue={sample.source} spellCheck={false} required />
        <TextField
          label="Detail type"
          name="detailType"
          defaultValue={sample.detailType}
          spellCheck={false}
          required
        />
      </div>
      <TextArea
        label="Detail"
        name="detail"
        className="mono"
        rows={6}
        spellCheck={false}
        defaultValue={sample.detail}
        error={state.wrong}
      />
      <div className="row">
        <Button type="submit" look="primary" busy={state.busy}>
          Put the event
        </Button>
        <div role="status">{state.put && <Outcome put={state.put} />}</div>
      </div>
      <FailureNotice failure={state.failure} />
    </form>
  );
};
