import { useRef, useState } from "react";
import type { Failure } from "../api/failure.ts";
import { Button } from "../ui/button.tsx";
import { FailureNotice } from "../ui/surface.tsx";

/** A button that asks once more, in a dialog, before it does what cannot be undone. */
export const ConfirmButton = ({
  label,
  title,
  detail,
  run,
  chip = false,
}: {
  label: string;
  title: string;
  detail: string;
  /** Does it; what went wrong stays in the dialog. */
  run: () => Promise<Failure | undefined>;
  chip?: boolean;
}) => {
  const dialog = useRef<HTMLDialogElement>(null);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const confirm = async () => {
    setBusy(true);
    const wrong = await run();
    setBusy(false);
    setFailure(wrong);
    if (!wrong) dialog.current?.close();
  };
  return (
    <>
      <Button look="danger" className={chip ? "chip" : ""} onClick={() => dialog.current?.showModal()}>
        {label}
      </Button>
      <dialog
        ref={dialog}
        className="console-dialog"
        aria-label={title}
        onClose={() => setFailure(undefined)}
      >
        <div className="stack">
          <h2>{title}</h2>
          <p className="small">{detail}</p>
          <FailureNotice failure={failure} />
          <div className="row">
            <Button look="danger" busy={busy} onClick={() => void confirm()}>
              {label}
            </Button>
            <Button onClick={() => dialog.current?.close()}>Cancel</Button>
          </div>
        </div>
      </dialog>
    </>
  );
};
