import { type FormEvent, useState } from "react";
import type { Failure } from "../../api/failure.ts";
import { Button } from "../../ui/button.tsx";
import { TextArea, TextField } from "../../ui/field.tsx";
import { FailureNotice } from "../../ui/surface.tsx";
import { act } from "../client.ts";

/** Publishes to a topic, a device or a phone. */
export const PublishForm = ({
  to,
  phone = false,
  fifo = false,
  done,
}: {
  /** `{ topicArn }`, `{ targetArn }`, or nothing where a person names a phone. */
  to: object;
  phone?: boolean;
  fifo?: boolean;
  done: () => void;
}) => {
  const [state, setState] = useState<{ busy: boolean; failure?: Failure; sent?: boolean }>({ busy: false });
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = Object.fromEntries(new FormData(event.currentTarget));
    setState({ busy: true });
    const answer = await act("sns/publish", { ...to, ...given });
    setState(answer.ok ? { busy: false, sent: true } : { busy: false, failure: answer.failure });
    done();
  };
  return (
    <form className="stack tight" onSubmit={(event) => void submit(event)}>
      {phone && (
        <TextField label="Phone" name="phoneNumber" type="tel" placeholder="+447700900123" required />
      )}
      {!phone && <TextField label="Subject" name="subject" optional />}
      <TextArea label="Message" name="message" className="mono" rows={3} spellCheck={false} required />
      {fifo && (
        <div className="console-filters">
          <TextField label="Message group" name="groupId" required />
          <TextField label="Deduplication id" name="deduplicationId" optional />
        </div>
      )}
      <p className="row">
        <Button type="submit" look="primary" busy={state.busy}>
          Publish
        </Button>
        <span role="status" className="small">
          {state.sent && "Published."}
        </span>
      </p>
      <FailureNotice failure={state.failure} />
    </form>
  );
};
