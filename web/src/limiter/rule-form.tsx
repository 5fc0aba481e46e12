import { useState } from "react";
import { type AlgorithmName, algorithms, bucketAlgorithms, type NewRule } from "#core/limits/rule.schema.ts";
import { type Failure, fieldMessages } from "../api/failure.ts";
import { Button } from "../ui/button.tsx";
import { SelectField, TextField } from "../ui/field.tsx";
import { FailureNotice, More } from "../ui/surface.tsx";
import { algorithmText } from "./algorithm-text.ts";
import { define } from "./limits-client.ts";

interface Draft {
  readonly name: string;
  readonly algorithm: AlgorithmName;
  readonly limit: string;
  readonly window: string;
  readonly burst: string;
  readonly mode: "enforce" | "shadow";
  readonly onFailure: "open" | "closed" | "local";
  readonly lease: string;
  readonly banAfter: string;
}

const first: Draft = {
  name: "my-limit",
  algorithm: "token-bucket",
  limit: "5",
  window: "30",
  burst: "",
  mode: "enforce",
  onFailure: "local",
  lease: "0",
  banAfter: "",
};

const toRule = (draft: Draft): NewRule => ({
  name: draft.name,
  algorithm: draft.algorithm,
  limit: Number(draft.limit),
  window: Number(draft.window),
  ...(draft.burst !== "" && bucketAlgorithms.includes(draft.algorithm) && { burst: Number(draft.burst) }),
  scope: "user",
  mode: draft.mode,
  onFailure: draft.onFailure,
  lease: Number(draft.lease),
  ...(draft.banAfter !== "" && { ban: { after: Number(draft.banAfter), within: 60, for: 30 } }),
});

type Change = (part: Partial<Draft>) => void;
interface Part {
  readonly draft: Draft;
  readonly change: Change;
  readonly messages: Readonly<Record<string, string>>;
}

const Main = ({ draft, change, messages }: Part) => (
  <div className="form-grid narrow">
    <TextField
      label="Name"
      value={draft.name}
      error={messages["/name"]}
      onChange={(event) => change({ name: event.target.value })}
    />
    <SelectField
      label="Algorithm"
      value={draft.algorithm}
      error={messages["/algorithm"]}
      onChange={(event) => change({ algorithm: event.target.value as AlgorithmName })}
    >
      {algorithms.map((name) => (
        <option key={name} value={name}>
          {algorithmText[name].name}
        </option>
      ))}
    </SelectField>
    <TextField
      label="Limit, in units"
      inputMode="numeric"
      value={draft.limit}
      error={messages["/limit"]}
      onChange={(event) => change({ limit: event.target.value })}
    />
    <TextField
      label="Each, in seconds"
      inputMode="numeric"
      value={draft.window}
      error={messages["/window"]}
      onChange={(event) => change({ window: event.target.value })}
    />
  </div>
);

const Rest = ({ draft, change, messages }: Part) => (
  <div className="form-grid narrow">
    {bucketAlgorithms.includes(draft.algorithm) && (
      <TextField
        label="Burst"
        optional
        hint="Units at once; the limit unless told."
        inputMode="numeric"
        value={draft.burst}
        error={messages["/burst"]}
        onChange={(event) => change({ burst: event.target.value })}
      />
    )}
    <SelectField
      label="Mode"
      hint="Shadow decides and records, and lets all through."
      value={draft.mode}
      onChange={(event) => change({ mode: event.target.value as Draft["mode"] })}
    >
      <option value="enforce">Enforce</option>
      <option value="shadow">Shadow</option>
    </SelectField>
    <SelectField
      label="When the store fails"
      value={draft.onFailure}
      onChange={(event) => change({ onFailure: event.target.value as Draft["onFailure"] })}
    >
      <option value="local">Count in the process alone</option>
      <option value="open">Let through</option>
      <option value="closed">Refuse</option>
    </SelectField>
    <TextField
      label="Lease"
      hint="Units a process takes at once. 0: each decision asks the store."
      inputMode="numeric"
      value={draft.lease}
      error={messages["/lease"]}
      onChange={(event) => change({ lease: event.target.value })}
    />
    <TextField
      label="Ban after so many denials a minute"
      optional
      hint="For 30 seconds."
      inputMode="numeric"
      value={draft.banAfter}
      error={messages["/ban/after"] ?? messages["/ban"]}
      onChange={(event) => change({ banAfter: event.target.value })}
    />
  </div>
);

/** Makes or changes a rule of one's own; the API says what is wrong with it. */
export const RuleForm = ({ onMade }: { onMade: (name: string) => void }) => {
  const [draft, setDraft] = useState(first);
  const [failure, setFailure] = useState<Failure>();
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState("");
  const submit = async () => {
    setBusy(true);
    const outcome = await define(toRule(draft));
    setBusy(false);
    setFailure(outcome.ok ? undefined : outcome.failure);
    setSaid(outcome.ok ? (outcome.status === 201 ? "The rule is made" : "The rule is changed") : "");
    if (outcome.ok) onMade(outcome.data.name);
  };
  const messages = fieldMessages(failure);
  const part = {
    draft,
    messages,
    change: (some: Partial<Draft>) => setDraft((before) => ({ ...before, ...some })),
  };
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) void submit();
      }}
    >
      <Main {...part} />
      <More summary="Burst, shadow, failing store, lease, ban">
        <Rest {...part} />
      </More>
      <div className="row">
        <Button type="submit" look="primary" busy={busy}>
          Save the rule
        </Button>
        <span role="status" className="small quiet">
          {said}
        </span>
      </div>
      <FailureNotice failure={failure} />
    </form>
  );
};
