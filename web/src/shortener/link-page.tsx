import { useState } from "react";
import { shortenerApi } from "#core/shortener/api.schema.ts";
import type { Link as ShortLink } from "#core/shortener/link.schema.ts";
import { call } from "../api/call.ts";
import { useSession } from "../api/session.ts";
import { useLoad } from "../api/use-load.ts";
import { Link, useTitle } from "../shell/router.tsx";
import { instant } from "../ui/format.ts";
import { Icon } from "../ui/icon.tsx";
import { Empty, FailureNotice, Notice, Skeleton } from "../ui/surface.tsx";
import { EditForm } from "./edit-form.tsx";
import { LinkBadges } from "./link-row.tsx";
import { LinkSwitches } from "./link-switches.tsx";
import { QrCode } from "./qr-code.tsx";
import { LinkActions, spoken } from "./result-card.tsx";
import { Statistics } from "./statistics.tsx";
import "./link-page.css";
import "./shortener.css";

const Back = () => (
  <p className="back">
    <Link to="/shortener" className="button plain">
      <Icon name="back" /> URL shortener
    </Link>
  </p>
);

const Facts = ({ link }: { link: ShortLink }) => (
  <div className="card row apart">
    <dl className="facts">
      <dt>Leads to</dt>
      <dd>
        <a href={link.url} rel="noopener noreferrer">
          {link.url}
        </a>
      </dd>
      {link.preview?.title && (
        <>
          <dt>The page says</dt>
          <dd>{link.preview.title}</dd>
        </>
      )}
      <dt>Created</dt>
      <dd>{instant(link.created_at)}</dd>
      <dt>Changed</dt>
      <dd>
        {instant(link.updated_at)} <span className="quiet">(revision {link.revision})</span>
      </dd>
      <dt>Answers</dt>
      <dd>{link.redirect}</dd>
    </dl>
    <QrCode link={link} />
  </div>
);

const Detail = ({
  link,
  edition,
  onSaved,
  onStale,
}: {
  link: ShortLink;
  /** Revision that was loaded: a newer one from elsewhere starts the form afresh, an own save does not. */
  edition: number;
  onSaved: (link: ShortLink) => void;
  onStale: () => void;
}) => (
  <article>
    <header className="detail-head">
      <h1 tabIndex={-1}>{link.title ?? spoken(link.short_url)}</h1>
      <p className="row tight">
        {link.title && <span className="mono small">{spoken(link.short_url)}</span>}
        <LinkBadges link={link} />
      </p>
      <div className="row">
        <LinkActions link={link} />
        <LinkSwitches link={link} onSaved={onSaved} />
      </div>
    </header>
    <div className="detail-grid">
      {link.disabled && <Notice icon="lock" title="Switched off: visitors hear 410, and nothing is lost" />}
      <Facts link={link} />
      <Statistics link={link} />
      <EditForm key={edition} link={link} onSaved={onSaved} onStale={onStale} />
    </div>
  </article>
);

const OwnLink = ({ hash }: { hash: string }) => {
  const loaded = useLoad((signal) => call(shortenerApi.get, { params: { hash }, signal }), [hash]);
  const [saved, setSaved] = useState<ShortLink>();
  const link = saved && (!loaded.data || saved.revision >= loaded.data.revision) ? saved : loaded.data;
  useTitle(link ? (link.title ?? spoken(link.short_url)) : "Link");
  if (link) {
    const edition = loaded.data?.revision ?? link.revision;
    return <Detail link={link} edition={edition} onSaved={setSaved} onStale={loaded.reload} />;
  }
  if (loaded.loading) return <Skeleton label="Loading the link" />;
  return (
    <>
      <h1 tabIndex={-1}>This link cannot be shown</h1>
      <FailureNotice failure={loaded.failure} retry={loaded.reload} />
    </>
  );
};

/** One link: statistics, settings, and its end. */
export const LinkPage = ({ hash }: { hash: string }) => {
  const session = useSession();
  useTitle("Link");
  return (
    <>
      <Back />
      {session.status === "resuming" && <Skeleton label="Loading the link" />}
      {session.status === "signed-in" && <OwnLink key={session.user.id} hash={hash} />}
      {session.status === "anonymous" && (
        <>
          <h1 tabIndex={-1}>Whose link is it?</h1>
          <Empty title="A link's page is its owner's">
            <Link to="/sign-in">Sign in</Link> to see its statistics and to edit it.
          </Empty>
        </>
      )}
    </>
  );
};
