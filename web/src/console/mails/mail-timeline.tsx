import { useState } from "react";
import type { Failure } from "../../api/failure.ts";
import { Button } from "../../ui/button.tsx";
import { SelectField } from "../../ui/field.tsx";
import { Badge, FailureNotice } from "../../ui/surface.tsx";
import { act, type Following, useView } from "../client.ts";
import { clockTime } from "../format.ts";
import { type Mail, type MailEvent, Timeline, told, toneOf } from "./mail-data.ts";

const EventLine = ({ event }: { event: MailEvent }) => (
  <li className="mail-event">
    <span className="times">{clockTime(event.at)}</span>
    <span>
      <Badge tone={toneOf(event.type)}>{event.type}</Badge>
    </span>
    <span className="small">
      {event.recipients.join(", ")}
      {told(event) !== "" && <span className="arn mail-told">{told(event)}</span>}
    </span>
  </li>
);

const kinds = [
  ["Delivery", "Deliver"],
  ["DeliveryDelay", "Delay"],
  ["Bounce", "Bounce"],
  ["SoftBounce", "Bounce softly"],
  ["Complaint", "Complain"],
  ["Open", "Open"],
  ["Click", "Click"],
] as const;

const impossible = (mail: Mail, type: string): string | undefined => {
  if (type === "Open" && !mail.tracks.open) return "Its configuration set does not track opens";
  if (type === "Click" && !mail.tracks.click) return "Its configuration set does not track clicks";
  return undefined;
};

/** What befell a message; and what a person can make befall it. */
export const MailTimeline = ({
  mail,
  following,
  changed,
}: {
  mail: Mail;
  following: Following;
  changed: () => void;
}) => {
  const view = useView(Timeline, "ses/timeline", { id: mail.id }, following);
  const [recipient, setRecipient] = useState(mail.destination[0] ?? "");
  const [failure, setFailure] = useState<Failure>();
  const make = async (type: string) => {
    const answer = await act("ses/event", { id: mail.id, type, recipient });
    setFailure(answer.ok ? undefined : answer.failure);
    view.reload();
    changed();
  };
  return (
    <section className="card stack tight" aria-labelledby="timeline">
      <h3 id="timeline">What became of it</h3>
      <ol className="mail-events" aria-live="polite" aria-label="Events">
        {(view.data?.events ?? []).map((event, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: events are only ever added at the end
          <EventLine key={i} event={event} />
        ))}
      </ol>
      {mail.destination.length > 1 && (
        <SelectField
          label="Recipient"
          value={recipient}
          onChange={(event) => setRecipient(event.target.value)}
        >
          {mail.destination.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </SelectField>
      )}
      <fieldset className="row tight">
        <legend className="small quiet">Make it happen: configuration sets and topics hear of it</legend>
        {kinds.map(([type, label]) => (
          <Button
            key={type}
            className="chip"
            disabled={impossible(mail, type) !== undefined}
            title={impossible(mail, type)}
            onClick={() => void make(type)}
          >
            {label}
          </Button>
        ))}
      </fieldset>
      <FailureNotice failure={failure ?? view.failure} />
    </section>
  );
};
