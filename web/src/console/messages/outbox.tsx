import { Choices } from "../../ui/field.tsx";
import { Badge, Empty, FailureNotice, More, Skeleton } from "../../ui/surface.tsx";
import { type Following, useView } from "../client.ts";
import { Code } from "../code.tsx";
import { Facts } from "../facts.tsx";
import { dayTime, shortArn } from "../format.ts";
import { TryThis } from "../try-this.tsx";
import { Outbox as Entries, pretty, type Sent, shownOn } from "./message-data.ts";
import type { MessagePlace } from "./messages-page.tsx";

const kinds = [
  ["", "All"],
  ["push", "Pushes"],
  ["sms", "Texts"],
  ["email", "E-mails"],
  ["http", "URLs"],
] as const;

const names: Readonly<Record<Sent["kind"], string>> = {
  push: "push",
  sms: "text message",
  email: "e-mail",
  http: "URL",
};

const Push = ({ sent }: { sent: Sent }) => {
  const shown = shownOn(sent.body);
  return (
    <div className="phone">
      {shown ? (
        <div className="notification">
          <span className="notification-app" aria-hidden="true" />
          <div>
            {shown.title && <strong>{shown.title}</strong>}
            <p>{shown.body}</p>
          </div>
          <span className="times">now</span>
        </div>
      ) : (
        <p className="small quiet">A silent push: the app gets it, the phone shows nothing.</p>
      )}
    </div>
  );
};

const Words = ({ sent }: { sent: Sent }) => {
  if (sent.kind === "push") return <Push sent={sent} />;
  if (sent.kind === "sms") return <p className="bubble">{sent.body}</p>;
  return (
    <div className="stack tight">
      {sent.subject && <strong className="small">{sent.subject}</strong>}
      <p className="sent-text small">{sent.body.length > 400 ? `${sent.body.slice(0, 400)}…` : sent.body}</p>
    </div>
  );
};

const SentItem = ({ sent }: { sent: Sent }) => (
  <li className="sent">
    <header className="row apart">
      <span className="row tight">
        <Badge>{names[sent.kind]}</Badge>
        <span className="small sent-to">
          {sent.kind === "push" ? String(sent.detail.token ?? sent.to) : sent.to}
        </span>
        {sent.status === "failed" && <Badge tone="bad">failed</Badge>}
      </span>
      <span className="times">{dayTime(sent.at)}</span>
    </header>
    {sent.reason && <p className="small bad-text">{sent.reason}</p>}
    <Words sent={sent} />
    <More
      summary={
        sent.kind === "push" ? `Payload for ${String(sent.detail.platform ?? "the device")}` : "Details"
      }
    >
      {sent.kind !== "sms" && (
        <Code label={`Body of message ${sent.messageId} to ${sent.to}`} text={pretty(sent.body)} />
      )}
      <Facts
        facts={[
          ["Message", sent.messageId],
          ["Topic", sent.topicArn && shortArn(sent.topicArn)],
          ["To", sent.to],
          ...Object.entries(sent.detail).map(
            ([name, value]) =>
              [name, typeof value === "object" ? JSON.stringify(value) : String(value)] as const,
          ),
        ]}
      />
    </More>
  </li>
);

/** What left for phones, devices, mailboxes and addresses that are not called. */
export const Outbox = ({ place, following }: { place: MessagePlace; following: Following }) => {
  const view = useView(Entries, "sns/outbox", {}, following);
  const all = (view.data ?? []).toReversed();
  const shown = all.filter(({ kind }) => place.at.kind === "" || kind === place.at.kind);
  return (
    <>
      <FailureNotice failure={view.failure} retry={view.reload} />
      {!view.data && view.loading && <Skeleton label="Loading messages" />}
      {view.data && all.length === 0 && (
        <TryThis
          title="Nothing was sent yet"
          command="aws sns publish --phone-number +447700900123 --message 'It works'"
        >
          Texts, pushes and mail of topics are kept here. None of them leaves this machine.
        </TryThis>
      )}
      {all.length > 0 && (
        <Choices
          legend="Which"
          quiet
          name="kind"
          value={place.at.kind}
          options={kinds}
          onChange={(kind) => place.go({ kind })}
        />
      )}
      {all.length > 0 && shown.length === 0 && <Empty title="None of this kind" />}
      <ul className="outbox">
        {shown.map((sent) => (
          <SentItem key={sent.id} sent={sent} />
        ))}
      </ul>
    </>
  );
};
