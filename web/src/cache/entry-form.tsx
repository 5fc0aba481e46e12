import { useState } from "react";
import { strategies } from "#core/cache/api.schema.ts";
import { type Failure, fieldMessages } from "../api/failure.ts";
import { Button } from "../ui/button.tsx";
import { Choices, SelectField, TextArea, TextField } from "../ui/field.tsx";
import { millis } from "../ui/format.ts";
import { Badge, FailureNotice, More } from "../ui/surface.tsx";
import { spaceOf, type Tier, tierName } from "./cache-client.ts";

interface Draft {
  readonly namespace: string;
  readonly key: string;
  readonly value: string;
  readonly ttl: string;
  readonly tags: string;
  readonly grace: string;
  readonly strategy: "" | (typeof strategies)[number];
  readonly consistency: "eventual" | "strong";
  readonly origin: boolean;
}

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

interface Step {
  readonly id: number;
  readonly what: string;
  readonly status: number;
  readonly tier?: Tier;
  readonly fresh?: boolean;
  readonly version?: number;
  readonly tookMs?: number;
  readonly wholeMs: number;
  readonly value?: string;
}
let next = 1;

const Steps = ({ steps }: { steps: readonly Step[] }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls sideways must be reachable by keyboard
  <section className="table-scroll" aria-label="What came" tabIndex={0}>
    <table className="table" data-testid="steps">
      <thead>
        <tr>
          <th scope="col">Asked</th>
          <th scope="col">Answer</th>
          <th scope="col">From</th>
          {["Version", "Inside", "Here"].map((head) => (
            <th key={head} scope="col" className="number">
              {head}
            </th>
          ))}
          <th scope="col">Value</th>
        </tr>
      </thead>
      <tbody>
        {steps.map((step) => (
          <tr key={step.id}>
            <th scope="row" className="mono">
              {step.what}
            </th>
            <td>
              <Badge tone={step.status < 400 ? "good" : "ember"}>{step.status}</Badge>
            </td>
            <td>
              {step.tier && (
                <span className="tier-key" data-tier={step.tier}>
                  {tierName[step.tier]}
                  {step.fresh === false && ", stale"}
                </span>
              )}
            </td>
            <td className="number">{step.version ?? ""}</td>
            <td className="number">{step.tookMs === undefined ? "" : millis(step.tookMs)}</td>
            <td className="number">{millis(step.wholeMs)}</td>
            <td className="mono entry-value">{step.value}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </section>
);

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text; // what is no JSON is a text
  }
};

const useSteps = (draft: Draft) => {
  const [steps, setSteps] = useState<readonly Step[]>([]);
  const [failure, setFailure] = useState<Failure>();
  const [busy, setBusy] = useState("");
  const space = spaceOf(draft.namespace);
  const note = (
    what: string,
    outcome: { ok: boolean; status?: number; failure?: Failure; ms: number },
    more: Partial<Step>,
  ) => {
    // Not found is an answer here, not a failure.
    setFailure(outcome.failure?.status === 404 ? undefined : outcome.failure);
    const status = outcome.status ?? outcome.failure?.status ?? 0;
    const step = { id: next++, what: `${what} ${draft.key}`, status, wholeMs: outcome.ms, ...more };
    setSteps((before) => [step, ...before].slice(0, 8));
  };
  const tags = draft.tags.split(",").flatMap((tag) => tag.trim() || []);
  const works = {
    PUT: async () => {
      const { ttl, grace, strategy, value } = draft;
      const body = { value: parsed(value), ttl: Number(ttl), grace: Number(grace), tags };
      const outcome = await space.put(draft.key, { ...body, ...(strategy && { strategy }) });
      note("PUT", outcome, outcome.ok ? { version: outcome.data.version } : {});
    },
    GET: async () => {
      const outcome = await space.get(draft.key, {
        consistency: draft.consistency,
        ...(draft.origin && { origin: "records" as const, ttl: draft.ttl, grace: draft.grace }),
      });
      if (!outcome.ok) return note("GET", outcome, {});
      const { tier, fresh, version, took_ms, value } = outcome.data;
      note("GET", outcome, { tier, fresh, version, tookMs: took_ms, value: JSON.stringify(value) });
    },
    DELETE: async () => note("DELETE", await space.remove(draft.key), {}),
  } as const;
  const work = async (name: keyof typeof works) => {
    setBusy(name);
    await works[name]();
    setBusy("");
  };
  return { steps, failure, busy, work };
};

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
      <div className="form-grid narrow">
        <TextField label="Namespace" {...text("namespace")} />
        <TextField label="Key" {...text("key")} />
        <TextField label="Time to live, ms" inputMode="numeric" {...text("ttl")} />
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
            hint="It may be served that much later, while it is loaded anew."
            inputMode="numeric"
            {...text("grace")}
          />
        </div>
        <Choices
          legend="Read"
          name="consistency"
          value={draft.consistency}
          options={[
            ["eventual", "Eventual: memory may answer"],
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
      <div className="row">
        {(["PUT", "GET", "DELETE"] as const).map((name) => (
          <Button
            key={name}
            {...(name === "GET" && { look: "primary" as const })}
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
