import { type InputHTMLAttributes, useState } from "react";
import { strategies } from "#core/cache/api.schema.ts";
import { fieldMessages } from "../api/failure.ts";
import { Button } from "../ui/button.tsx";
import { Choices, SelectField, TextArea, TextField } from "../ui/field.tsx";
import { FailureNotice, More } from "../ui/surface.tsx";
import { Steps } from "./entry-steps.tsx";
import { type Draft, useSteps } from "./use-steps.ts";

const first: Draft = {
  namespace: "my-pages",
  key: "home",
  value: '{ "title": "Hello" }',
  ttl: "60000",
  tags: "",
  grace: "0",
  strategy: "",
  consistency: "eventual",
  origin: false,
};

const Rest = ({
  draft,
  change,
  grace,
}: {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
  grace: InputHTMLAttributes<HTMLInputElement> & { readonly error: string | undefined };
}) => (
  <More summary="Strategy, grace, consistency, origin">
    <div className="form-grid">
      <SelectField
        label="Write by"
        hint="With a strategy the record behind is written too."
        value={draft.strategy}
        onChange={(event) => change({ strategy: event.target.value as Draft["strategy"] })}
      >
        <option value="">The cache alone</option>
        {strategies.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </SelectField>
      <TextField
        label="Grace, ms"
        hint="So long after its end it may still be served, while it is loaded anew."
        inputMode="numeric"
        {...grace}
      />
    </div>
    <Choices
      legend="Read"
      name="consistency"
      value={draft.consistency}
      options={[
        ["eventual", "Eventual: memory may answer, a moment behind"],
        ["strong", "Strong: the primary copy"],
      ]}
      onChange={(consistency) => change({ consistency })}
    />
    <label className="check small">
      <input
        type="checkbox"
        checked={draft.origin}
        onChange={(event) => change({ origin: event.target.checked })}
      />
      Load what is missing from its record
    </label>
  </More>
);

/** Puts, gets and deletes an entry by hand. */
export const EntryForm = () => {
  const [draft, setDraft] = useState(first);
  const { steps, failure, busy, work } = useSteps(draft);
  const messages = fieldMessages(failure);
  const text = (name: "namespace" | "key" | "ttl" | "tags" | "grace") => ({
    value: draft[name],
    error: messages[`/${name}`],
    onChange: (event: { target: { value: string } }) =>
      setDraft((before) => ({ ...before, [name]: event.target.value })),
  });
  const change = (part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part }));
  return (
    <div className="card stack" data-testid="entry">
      <div className="stack tight">
        <h3>One entry, by hand</h3>
        <p className="quiet small">
          Put it, get it twice, delete it, get it again. Each answer says which tier had it: the memory of the
          process that answered (L1), the store all processes share (L2), or the record behind both (origin).
        </p>
      </div>
      <div className="form-grid narrow">
        <TextField label="Namespace" hint="A space of yours alone." {...text("namespace")} />
        <TextField label="Key" {...text("key")} />
        <TextField label="Time to live, ms" hint="0: not kept." inputMode="numeric" {...text("ttl")} />
        <TextField label="Tags" optional hint="Comma separated." {...text("tags")} />
      </div>
      <TextArea
        label="Value"
        hint="JSON, or text."
        className="mono entry-text"
        value={draft.value}
        error={messages["/value"]}
        onChange={(event) => change({ value: event.target.value })}
      />
      <Rest draft={draft} change={change} grace={text("grace")} />
      <div className="row">
        {(["PUT", "GET", "DELETE"] as const).map((name) => (
          <Button
            key={name}
            {...(name === "PUT" && { look: "primary" as const })}
            busy={busy === name}
            disabled={busy !== "" && busy !== name}
            onClick={() => void work(name)}
          >
            {name === "PUT" ? "Put" : name === "GET" ? "Get" : "Delete"}
          </Button>
        ))}
      </div>
      <FailureNotice failure={failure} />
      {steps.length > 0 && <Steps steps={steps} />}
    </div>
  );
};
