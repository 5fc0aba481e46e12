import { useState } from "react";
import { Link } from "../../shell/router.tsx";
import { Button } from "../../ui/button.tsx";
import { TextField } from "../../ui/field.tsx";
import { count } from "../../ui/format.ts";
import { Badge, Empty, FailureNotice, Skeleton } from "../../ui/surface.tsx";
import { act, useView } from "../client.ts";
import { ConfirmButton } from "../confirm-button.tsx";
import { useFollow } from "../follow.tsx";
import { dayTime } from "../format.ts";
import { PageHead } from "../page-head.tsx";
import { type Place, usePlace } from "../place.ts";
import { Tabs } from "../tabs.tsx";
import { TryThis } from "../try-this.tsx";
import { type Brief, Inbox, Senders, toneOf } from "./mail-data.ts";
import { MailView } from "./mail-view.tsx";
import { markRead, useReadMails } from "./read-mails.ts";
import { SenderList, SuppressionList } from "./settings.tsx";
import "../resources.css";
import "./mails.css";

const names = ["part", "to", "mail", "tab"] as const;
/** Where a person stands in the mails. */
export type MailPlace = Place<(typeof names)[number]>;

const MailLine = ({ mail, place, read }: { mail: Brief; place: MailPlace; read: boolean }) => (
  <li>
    <Link
      to={place.to({ mail: mail.id, tab: "" })}
      className="mail-line"
      data-unread={!read}
      aria-current={mail.id === place.at.mail ? "true" : undefined}
    >
      <span className="mail-to">
        {!read && <span className="hidden-visually">Unread: </span>}
        {mail.to.join(", ")}
      </span>
      <span className="times">{dayTime(mail.at)}</span>
      <span className="mail-subject">{mail.subject || "(no subject)"}</span>
      <Badge tone={toneOf(mail.status)}>{mail.status}</Badge>
    </Link>
  </li>
);

const NoMail = () => {
  const senders = useView(Senders, "ses/identities");
  const known = senders.data?.identities[0];
  const from = known ? (known.type === "DOMAIN" ? `desk@${known.name}` : known.name) : "me@example.com";
  const verify = known ? "" : `aws sesv2 create-email-identity --email-identity ${from}\n`;
  const content = "Simple={Subject={Data=Hello},Body={Text={Data=It works}}}";
  return (
    <TryThis
      title="No mail was sent yet"
      command={`${verify}aws sesv2 send-email --from-email-address ${from} --destination ToAddresses=reader@example.com --content '${content}'`}
    >
      Whatever a function sends is kept here. None of it leaves this machine.
    </TryThis>
  );
};

const InboxList = ({ place, following }: { place: MailPlace; following: ReturnType<typeof useFollow> }) => {
  const { to, mail } = place.at;
  const view = useView(Inbox, "ses/messages", { to }, following.following);
  const read = useReadMails();
  const messages = view.data?.messages ?? [];
  const unread = messages.filter(({ id }) => !read.has(id)).length;
  if (view.data && messages.length === 0 && to === "") return <NoMail />;
  return (
    <div className="mail-layout" data-chosen={mail !== ""}>
      <div className="stack tight mail-side">
        <TextField
          label="Recipient"
          type="search"
          placeholder="everyone"
          spellCheck={false}
          value={to}
          onChange={(event) => place.type({ to: event.target.value })}
        />
        <p className="row apart small quiet">
          <span role="status">{unread === 0 ? "All read" : `${count(unread)} unread`}</span>
          {unread > 0 && (
            <Button look="plain" className="chip" onClick={() => markRead(messages.map(({ id }) => id))}>
              Mark all read
            </Button>
          )}
        </p>
        <FailureNotice failure={view.failure} retry={view.reload} />
        {!view.data && view.loading && <Skeleton label="Loading mails" />}
        {view.data && messages.length === 0 && <Empty title={`Nothing went to ${to}`} />}
        <ul className="mail-lines" aria-label="Inbox">
          {messages.map((one) => (
            <MailLine key={one.id} mail={one} place={place} read={read.has(one.id)} />
          ))}
        </ul>
      </div>
      {mail !== "" ? (
        <MailView key={mail} id={mail} place={place} following={following.following} changed={view.reload} />
      ) : (
        <p className="small quiet mail-none">Choose a message.</p>
      )}
    </div>
  );
};

const parts = [
  { id: "inbox", name: "Inbox" },
  { id: "suppressed", name: "Suppressed" },
  { id: "senders", name: "Senders" },
] as const;
type Part = (typeof parts)[number]["id"];

/** What was sent by mail, and what became of it. */
export const MailsPage = () => {
  const place = usePlace(names);
  const following = useFollow();
  const [turn, setTurn] = useState(0);
  const part: Part = parts.find(({ id }) => id === place.at.part)?.id ?? "inbox";
  const clear = async () => {
    const answer = await act("ses/clear", {});
    if (!answer.ok) return answer.failure;
    place.go({ mail: "", tab: "" });
    setTurn((before) => before + 1);
    return undefined;
  };
  return (
    <article className="stack">
      <PageHead
        title="Mails"
        lead="None leaves this machine. A tracked link followed here counts as its reader’s click."
      >
        {following.button}
        <ConfirmButton
          label="Clear"
          title="Delete every message?"
          detail="What is still to become of them becomes of them. This cannot be undone."
          run={clear}
        />
      </PageHead>
      <Tabs
        label="Mails"
        tabs={parts}
        chosen={part}
        choose={(id) => place.go({ part: id === "inbox" ? "" : id, mail: "", tab: "" })}
      >
        {part === "inbox" && <InboxList key={turn} place={place} following={following} />}
        {part === "suppressed" && <SuppressionList following={following.following} />}
        {part === "senders" && <SenderList />}
      </Tabs>
    </article>
  );
};
