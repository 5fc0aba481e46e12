import { type FormEvent, useEffect, useRef, useState } from "react";
import { shortenerApi } from "#core/shortener/api.schema.ts";
import { limits } from "#core/shortener/link.schema.ts";
import { call } from "../api/call.ts";
import { type Failure, fieldMessages } from "../api/failure.ts";
import { Button } from "../ui/button.tsx";
import { TextField } from "../ui/field.tsx";
import { FailureNotice, More } from "../ui/surface.tsx";
import { type Draft, emptyDraft, toNewLink } from "./draft.ts";
import { ExpiryField, type FormPart, MoreFields } from "./link-fields.tsx";
import { noteMade } from "./own-links.ts";
import { type Made, ResultCard } from "./result-card.tsx";
import "./shortener.css";

const focusFirstError = (form: HTMLFormElement | null) => {
  const field = form?.querySelector<HTMLElement>('[aria-invalid="true"]');
  field?.closest("details")?.setAttribute("open", "");
  field?.focus();
};

const useCreate = () => {
  const form = useRef<HTMLFormElement>(null);
  const [draft, setDraft] = useState<Draft>(emptyDraft);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const [made, setMade] = useState<Made>();
  // The field that is wrong first gets the focus, once its message stands there.
  useEffect(() => {
    if (failure) focusFirstError(form.current);
  }, [failure]);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    const outcome = await call(shortenerApi.shorten, { body: toNewLink(draft) });
    setBusy(false);
    setFailure(outcome.ok ? undefined : outcome.failure);
    if (!outcome.ok) return;
    setMade({ link: outcome.data, existed: outcome.status === 200, ms: outcome.ms });
    setDraft(emptyDraft);
    noteMade(outcome.data);
  };
  const change = (part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part }));
  return { form, draft, change, busy, failure, made, submit };
};

const UrlLine = ({ draft, change, errors, busy }: FormPart & { busy: boolean }) => (
  <div className="create-line">
    <TextField
      label="Long URL"
      className="large"
      type="url"
      inputMode="url"
      autoComplete="off"
      spellCheck={false}
      placeholder="https://example.com/a/very/long/address"
      maxLength={limits.urlBytes}
      value={draft.url}
      onChange={(event) => change({ url: event.target.value })}
      error={errors["/url"]}
    />
    <Button type="submit" look="primary" size="large" busy={busy}>
      Shorten
    </Button>
  </div>
);

const CodeField = ({ draft, change, errors }: FormPart) => (
  <TextField
    label="Custom code"
    optional
    autoComplete="off"
    spellCheck={false}
    placeholder="spring-sale"
    maxLength={limits.codeLength.max}
    value={draft.code}
    onChange={(event) => change({ code: event.target.value })}
    error={errors["/custom_hash"]}
  />
);

/** Makes a short link; anybody may. */
export const CreateForm = () => {
  const { form, draft, change, busy, failure, made, submit } = useCreate();
  const errors = fieldMessages(failure);
  const part = { draft, change, errors };
  return (
    <div className="card stack">
      <form ref={form} className="stack" onSubmit={(event) => void submit(event)} noValidate>
        <UrlLine {...part} busy={busy} />
        <div className="form-grid">
          <CodeField {...part} />
          <ExpiryField {...part} />
        </div>
        <More summary="Password, click limit, title, tags, rules">
          <MoreFields {...part} />
        </More>
        {Object.keys(errors).length === 0 && <FailureNotice failure={failure} />}
      </form>
      <div role="status">{made && <ResultCard key={made.link.id} made={made} />}</div>
    </div>
  );
};
