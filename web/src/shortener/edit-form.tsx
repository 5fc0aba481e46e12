import { type FormEvent, useState } from "react";
import { shortenerApi } from "#core/shortener/api.schema.ts";
import type { Link } from "#core/shortener/link.schema.ts";
import { call } from "../api/call.ts";
import { type Failure, fieldMessages } from "../api/failure.ts";
import { Button } from "../ui/button.tsx";
import { TextField } from "../ui/field.tsx";
import { instant } from "../ui/format.ts";
import { FailureNotice } from "../ui/surface.tsx";
import { type Draft, toDraft, toPatch } from "./draft.ts";
import { ExpiryField, MoreFields } from "./link-fields.tsx";
import { domainOf, noteChange } from "./own-links.ts";

interface Props {
  readonly link: Link;
  readonly onSaved: (link: Link) => void;
  /** Somebody else saved first: load what they saved. */
  readonly onStale: () => void;
}

const useEdit = ({ link, onSaved }: Props) => {
  const [draft, setDraft] = useState<Draft>(() => toDraft(link));
  const [dropPassword, setDropPassword] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const [saved, setSaved] = useState(false);
  const change = (part: Partial<Draft>) => {
    setSaved(false);
    setDraft((before) => ({ ...before, ...part }));
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    const outcome = await call(shortenerApi.edit, {
      params: { hash: link.hash },
      query: domainOf(link),
      body: toPatch(draft, link, dropPassword),
    });
    setBusy(false);
    setFailure(outcome.ok ? undefined : outcome.failure);
    setSaved(outcome.ok);
    if (!outcome.ok) return;
    setDraft(toDraft(outcome.data));
    setDropPassword(false);
    noteChange();
    onSaved(outcome.data);
  };
  return { draft, change, busy, failure, saved, submit, dropPassword, setDropPassword };
};

const DropPassword = ({ checked, onChange }: { checked: boolean; onChange: (checked: boolean) => void }) => (
  <label className="row tight small">
    <input type="checkbox" checked={checked} onChange={(event) => onChange(event.target.checked)} />
    Take the password away
  </label>
);

/** Changes a link. The revision that was read is sent along: of two editors, the second hears 409. */
export const EditForm = (props: Props) => {
  const { link, onStale } = props;
  const { draft, change, busy, failure, saved, submit, dropPassword, setDropPassword } = useEdit(props);
  const errors = fieldMessages(failure);
  const keep = link.expires_at === null ? null : instant(link.expires_at);
  const part = { draft, change, errors };
  return (
    <form className="card stack" onSubmit={(event) => void submit(event)} noValidate aria-labelledby="edit">
      <h2 id="edit" className="card-title">
        Edit
      </h2>
      <TextField
        label="Leads to"
        type="url"
        value={draft.url}
        onChange={(event) => change({ url: event.target.value })}
        error={errors["/url"]}
      />
      <ExpiryField {...part} keep={keep} />
      <MoreFields {...part} />
      {link.has_password && <DropPassword checked={dropPassword} onChange={setDropPassword} />}
      {failure?.kind === "edit-conflict" ? (
        <FailureNotice failure={failure} retry={onStale} />
      ) : (
        Object.keys(errors).length === 0 && <FailureNotice failure={failure} />
      )}
      <div className="row">
        <Button type="submit" look="primary" busy={busy}>
          Save changes
        </Button>
        <span role="status" className="small quiet">
          {saved && "Saved"}
        </span>
      </div>
    </form>
  );
};
