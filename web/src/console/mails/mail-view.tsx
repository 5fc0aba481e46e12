import { useEffect, useRef } from "react";
import { Link } from "../../shell/router.tsx";
import { FailureNotice, Skeleton } from "../../ui/surface.tsx";
import { documentAt, type Following, useView } from "../client.ts";
import { Code } from "../code.tsx";
import { Facts } from "../facts.tsx";
import { bytes, dayTime } from "../format.ts";
import { Tabs } from "../tabs.tsx";
import { Mail, traceOf } from "./mail-data.ts";
import { MailTimeline } from "./mail-timeline.tsx";
import type { MailPlace } from "./mails-page.tsx";
import { markRead } from "./read-mails.ts";

// The frame runs no script and reaches nothing, so its links go nowhere: they stand beside it.
const Html = ({ mail }: { mail: Mail }) => (
  <>
    <iframe
      className="mail-frame"
      title={`The message ${mail.subject}, as its reader sees it`}
      sandbox=""
      src={documentAt("ses/preview", { id: mail.id })}
    />
    {mail.links.length > 0 && (
      <section className="stack tight" aria-labelledby="links">
        <h3 id="links">Its links</h3>
        <ul className="mail-links">
          {mail.links.map(({ text, href }, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: links of a fixed message, which may repeat
            <li key={i}>
              <a href={href} target="_blank" rel="noreferrer">
                {text}
              </a>{" "}
              <span className="arn">{URL.parse(href)?.host}</span>
            </li>
          ))}
        </ul>
      </section>
    )}
  </>
);

const Files = ({ mail }: { mail: Mail }) =>
  mail.attachments.length > 0 && (
    <p className="row tight small">
      {mail.attachments.map(({ name, type }, n) => (
        <a
          // biome-ignore lint/suspicious/noArrayIndexKey: files of a fixed message, in their order
          key={n}
          className="button chip"
          href={documentAt("ses/attachment", { id: mail.id, n })}
          title={type}
        >
          {name || `attachment ${n + 1}`}
        </a>
      ))}
    </p>
  );

const About = ({ mail }: { mail: Mail }) => (
  <Facts
    facts={[
      ["From", mail.source],
      ["To", mail.destination.join(", ")],
      ["Sent", `${dayTime(mail.at)} by ${mail.operation}, ${bytes(mail.size)}`],
      ["Template", mail.template],
      ["Configuration", mail.configurationSet],
      [
        "Tags",
        Object.entries(mail.tags)
          .filter(([name]) => !name.startsWith("ses:"))
          .map(([name, values]) => `${name}=${values.join(",")}`)
          .join(" "),
      ],
    ]}
  />
);

type Face = "html" | "text" | "headers" | "source";

const Faces = ({ mail, place }: { mail: Mail; place: MailPlace }) => {
  const tabs: { id: Face; name: string }[] = [
    ...(mail.html === undefined ? [] : [{ id: "html" as const, name: "HTML" }]),
    ...(mail.text === undefined ? [] : [{ id: "text" as const, name: "Text" }]),
    { id: "headers", name: "Headers" },
    { id: "source", name: "Source" },
  ];
  const chosen = tabs.find(({ id }) => id === place.at.tab)?.id ?? tabs[0]?.id ?? "source";
  return (
    <Tabs label="The message" tabs={tabs} chosen={chosen} choose={(tab) => place.go({ tab })}>
      {chosen === "html" && <Html mail={mail} />}
      {chosen === "text" && <Code label="Text" text={mail.text ?? ""} />}
      {chosen === "headers" && <Facts facts={mail.allHeaders.map(({ name, value }) => [name, value])} />}
      {chosen === "source" && <Code label="Source" text={mail.raw} />}
    </Tabs>
  );
};

/** One message: as its reader sees it, as it was sent, and what became of it. */
export const MailView = ({
  id,
  place,
  following,
  changed,
}: {
  id: string;
  place: MailPlace;
  following: Following;
  changed: () => void;
}) => {
  const view = useView(Mail, "ses/message", { id });
  const heading = useRef<HTMLHeadingElement>(null);
  const mail = view.data;
  useEffect(() => markRead([id]), [id]);
  useEffect(() => {
    if (mail) heading.current?.focus({ preventScroll: true });
  }, [mail]);
  const trace = traceOf(mail?.trace);
  return (
    <section className="stack mail-view" aria-labelledby="subject">
      <p className="narrow-only">
        <Link to={place.to({ mail: "", tab: "" })}>Back to the inbox</Link>
      </p>
      <FailureNotice failure={view.failure} />
      {!mail && view.loading && <Skeleton label="Loading the message" />}
      {mail && (
        <>
          <header className="stack tight">
            <div className="row apart">
              <h2 id="subject" tabIndex={-1} ref={heading}>
                {mail.subject || "(no subject)"}
              </h2>
              {trace && (
                <Link className="button chip" to={`/console/traces/${trace}`}>
                  Its trace
                </Link>
              )}
            </div>
            <About mail={mail} />
            <Files mail={mail} />
          </header>
          <Faces mail={mail} place={place} />
          <MailTimeline mail={mail} following={following} changed={changed} />
        </>
      )}
    </section>
  );
};
