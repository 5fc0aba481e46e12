import { type FormEvent, useState } from "react";
import type { Failure } from "../../api/failure.ts";
import { Link } from "../../shell/router.tsx";
import { Button } from "../../ui/button.tsx";
import { TextArea } from "../../ui/field.tsx";
import { Badge, FailureNotice, More } from "../../ui/surface.tsx";
import { act, useView } from "../client.ts";
import { Code } from "../code.tsx";
import { PageHead } from "../page-head.tsx";
import { type FunctionView, Invoked, Samples } from "./function-data.ts";

const Settings = ({ fn }: { fn: FunctionView }) => (
  <dl className="facts">
    {[
      ["Handler", fn.handler],
      ["Declared in", fn.source ?? ""],
      ["Name", fn.name],
      ["Memory", `${fn.memoryMb} MB`],
      ["Timeout", `${fn.timeoutSeconds} s`],
      ["Runtime", fn.runtime],
      ["Concurrency", fn.reservedConcurrency === undefined ? "" : `${fn.reservedConcurrency} reserved`],
      ["Invoked by", fn.triggers.map(({ kind, name }) => `${kind} ${name}`).join(", ")],
      ["Variables", fn.variables.join(" ")],
    ]
      .filter(([, value]) => value !== "")
      .map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
  </dl>
);

const Outcome = ({ outcome }: { outcome: Invoked }) => (
  <div className="stack tight">
    <p className="row tight small">
      <Badge tone={outcome.error ? "bad" : "good"}>
        {outcome.error ? outcome.error.errorType : "succeeded"}
      </Badge>
      <Link to={`/console/traces/${outcome.traceId}`}>Its trace</Link>
    </p>
    <Code
      label="Answer"
      text={outcome.error ? outcome.error.errorMessage : JSON.stringify(outcome.payload ?? null, null, 2)}
    />
    {outcome.logTail !== "" && (
      <More summary="The end of its log">
        <Code label="The end of its log" text={outcome.logTail} />
      </More>
    )}
  </div>
);

const parse = (text: string): { readonly event: unknown } | undefined => {
  try {
    return { event: JSON.parse(text) };
  } catch {
    return undefined;
  }
};

const useInvoke = (fn: FunctionView) => {
  const [text, setText] = useState<string>();
  const [state, setState] = useState<{ busy: boolean; outcome?: Invoked; failure?: Failure; wrong?: string }>(
    {
      busy: false,
    },
  );
  const submit = async (event: FormEvent, given: string) => {
    event.preventDefault();
    const parsed = parse(given);
    if (!parsed) return setState({ busy: false, wrong: "This is not JSON." });
    setState({ busy: true });
    const answer = await act("lambda/invoke", { function: fn.arn, ...parsed }, Invoked);
    setState(answer.ok ? { busy: false, outcome: answer.data } : { busy: false, failure: answer.failure });
  };
  return { text, setText, submit, ...state };
};

const InvokeForm = ({ fn }: { fn: FunctionView }) => {
  const samples = useView(Samples, "lambda/samples", { function: fn.arn }).data?.samples ?? [];
  const { text, setText, submit, busy, outcome, failure, wrong } = useInvoke(fn);
  const given = text ?? JSON.stringify(samples[0]?.event ?? {}, null, 2);
  return (
    <form className="stack tight" onSubmit={(event) => void submit(event, given)}>
      {samples.length > 1 && (
        <div className="row tight">
          {samples.map(({ kind, name, event }) => (
            <Button
              key={`${kind} ${name}`}
              className="chip"
              onClick={() => setText(JSON.stringify(event, null, 2))}
            >
              {kind} {name}
            </Button>
          ))}
        </div>
      )}
      <TextArea
        label="Event"
        className="mono"
        rows={14}
        spellCheck={false}
        value={given}
        error={wrong}
        onChange={(event) => setText(event.target.value)}
      />
      <p>
        <Button type="submit" look="primary" busy={busy}>
          Invoke
        </Button>
      </p>
      <FailureNotice failure={failure} />
      <div role="status">{outcome && <Outcome outcome={outcome} />}</div>
    </form>
  );
};

/** One function: its settings, its numbers, and an event to try it with. */
export const FunctionPage = ({ fn }: { fn: FunctionView }) => (
  <article className="stack">
    <PageHead title={fn.component} eyebrow={<Link to="/console/functions">Functions</Link>}>
      <Link className="button" to={`/console/logs/${encodeURIComponent(fn.component)}`}>
        Logs
      </Link>
      <Link className="button" to={`/console/traces?function=${encodeURIComponent(fn.component)}`}>
        Traces
      </Link>
    </PageHead>
    <div className="console-halves">
      <section className="card" aria-label="Settings">
        <Settings fn={fn} />
      </section>
      <section className="card stack tight" aria-labelledby="invoke">
        <h2 id="invoke">Invoke</h2>
        <InvokeForm fn={fn} />
      </section>
    </div>
  </article>
);
