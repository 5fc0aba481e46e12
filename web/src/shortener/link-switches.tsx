import { useRef, useState } from "react";
import { shortenerApi } from "#core/shortener/api.schema.ts";
import type { Link } from "#core/shortener/link.schema.ts";
import { call } from "../api/call.ts";
import type { Failure } from "../api/failure.ts";
import { navigate } from "../shell/router.tsx";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import { FailureNotice } from "../ui/surface.tsx";
import { domainOf, noteChange, noteRemoved } from "./own-links.ts";
import { spoken } from "./result-card.tsx";

/** Asks before a link is gone. */
const RemoveDialog = ({ link }: { link: Link }) => {
  const dialog = useRef<HTMLDialogElement>(null);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const remove = async () => {
    setBusy(true);
    const outcome = await call(shortenerApi.remove, { params: { hash: link.hash }, query: domainOf(link) });
    setBusy(false);
    if (!outcome.ok) return setFailure(outcome.failure);
    noteRemoved(link.id);
    navigate("/shortener");
  };
  return (
    <>
      <Button look="danger" onClick={() => dialog.current?.showModal()}>
        <Icon name="trash" /> Delete
      </Button>
      <dialog ref={dialog} className="confirm" aria-labelledby="remove-title">
        <div className="stack">
          <h2 id="remove-title" className="card-title">
            Delete {spoken(link.short_url)}?
          </h2>
          <p className="quiet small">
            It stops leading anywhere, its statistics go, and anybody may take its code.
          </p>
          <FailureNotice failure={failure} />
          <div className="row">
            <Button look="danger" busy={busy} onClick={() => void remove()}>
              Delete the link
            </Button>
            <Button onClick={() => dialog.current?.close()}>Keep it</Button>
          </div>
        </div>
      </dialog>
    </>
  );
};

/** On and off, and away. */
export const LinkSwitches = ({ link, onSaved }: { link: Link; onSaved: (link: Link) => void }) => {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const toggle = async () => {
    setBusy(true);
    const outcome = await call(shortenerApi.edit, {
      params: { hash: link.hash },
      query: domainOf(link),
      body: { disabled: !link.disabled },
    });
    setBusy(false);
    setFailure(outcome.ok ? undefined : outcome.failure);
    if (!outcome.ok) return;
    noteChange();
    onSaved(outcome.data);
  };
  return (
    <>
      <Button busy={busy} onClick={() => void toggle()}>
        {link.disabled ? "Switch on" : "Switch off"}
      </Button>
      <RemoveDialog link={link} />
      <FailureNotice failure={failure} />
    </>
  );
};
