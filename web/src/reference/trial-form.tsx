import { type FormEvent, useState } from "react";
import { currentToken, useSession } from "../api/session.ts";
import { Button, CopyButton } from "../ui/button.tsx";
import { TextArea, TextField } from "../ui/field.tsx";
import { millis } from "../ui/format.ts";
import { Badge, More } from "../ui/surface.tsx";
import { AnswerTrace } from "./answer-trace.tsx";
import { exampleOf } from "./example.ts";
import { remember } from "./history.ts";
import type { ApiOperation, Reference } from "./openapi.ts";
import { addressFor, sendTrial, type Trial, type TrialAnswer, toCurl } from "./request.ts";

const firstBody = ({ body }: ApiOperation, resolve: Reference["resolve"]): string => {
  if (!body) return "";
  const example = exampleOf(body.schema, resolve);
  if (!body.type.includes("urlencoded")) return JSON.stringify(example, null, 2);
  return new URLSearchParams(example as Record<string, string>).toString();
};

const Answer = ({ answer }: { answer: TrialAnswer }) => (
  <div className="stack tight">
    <p className="row tight small">
      <Badge tone={answer.ok ? "good" : "bad"}>{answer.status}</Badge>
      <span className="quiet figures">{millis(answer.ms)}</span>
      <AnswerTrace answer={answer} />
    </p>
    {answer.headers.length > 0 && (
      <More summary={`${answer.headers.length} headers`}>
        <pre className="code">{answer.headers.map(([key, value]) => `${key}: ${value}`).join("\n")}</pre>
      </More>
    )}
    {answer.body !== "" && (
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
      <pre className="code" tabIndex={0}>
        {answer.body.slice(0, 20_000)}
      </pre>
    )}
  </div>
);

const Inputs = ({
  operation,
  trial,
  change,
}: {
  operation: ApiOperation;
  trial: Trial;
  change: (trial: Trial) => void;
}) => (
  <>
    <div className="form-grid">
      {operation.parameters
        .filter((parameter) => parameter.in === "path" || parameter.in === "query")
        .map(({ name, required }) => (
          <TextField
            key={name}
            label={name}
            optional={!required}
            autoComplete="off"
            spellCheck={false}
            value={trial.values[name] ?? ""}
            onChange={(event) =>
              change({ ...trial, values: { ...trial.values, [name]: event.target.value } })
            }
          />
        ))}
    </div>
    {operation.body && (
      <TextArea
        label={`Body, ${operation.body.type}`}
        className="mono"
        rows={Math.min(14, trial.body.split("\n").length + 1)}
        spellCheck={false}
        value={trial.body}
        onChange={(event) => change({ ...trial, body: event.target.value })}
      />
    )}
  </>
);

/** Tries an operation on the running API, and shows the same as curl. */
export const TrialForm = ({
  operation,
  resolve,
}: {
  operation: ApiOperation;
  resolve: Reference["resolve"];
}) => {
  const session = useSession();
  const [trial, setTrial] = useState<Trial>(() => ({ values: {}, body: firstBody(operation, resolve) }));
  const [answer, setAnswer] = useState<TrialAnswer>();
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    const came = await sendTrial(operation, trial, currentToken());
    setAnswer(came);
    setBusy(false);
    remember({ method: operation.method, address: addressFor(operation, trial), answer: came });
  };
  const curl = toCurl(operation, trial, location.origin);
  return (
    <form className="stack" onSubmit={(event) => void submit(event)}>
      <Inputs operation={operation} trial={trial} change={setTrial} />
      <pre className="code">{curl}</pre>
      <div className="row">
        <Button type="submit" look="primary" busy={busy}>
          Send
        </Button>
        <CopyButton text={curl} label="Copy as curl">
          Copy as curl
        </CopyButton>
        {session.status === "signed-in" && operation.auth !== "none" && (
          <CopyButton
            text={toCurl(operation, trial, location.origin, session.token)}
            label="Copy as curl, with my token"
          >
            With my token
          </CopyButton>
        )}
        {operation.auth === "required" && session.status !== "signed-in" && (
          <span className="small quiet">You are not signed in: this answers 401.</span>
        )}
      </div>
      <div role="status">{answer && <Answer answer={answer} />}</div>
    </form>
  );
};
