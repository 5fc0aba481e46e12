import type { Link as ShortLink } from "#core/shortener/link.schema.ts";
import { useSession } from "../api/session.ts";
import { Link } from "../shell/router.tsx";
import { Button, CopyButton } from "../ui/button.tsx";
import { ago, instant, plural } from "../ui/format.ts";
import { Icon } from "../ui/icon.tsx";
import { Badge } from "../ui/surface.tsx";
import { Countdown } from "./countdown.tsx";
import { useWatched, watch } from "./own-links.ts";
import { spoken } from "./result-card.tsx";
import "./link-list.css";

/** Everything about a link that is not as usual. */
export const LinkBadges = ({ link }: { link: ShortLink }) => (
  <>
    {link.blocked && <Badge tone="bad">Removed by moderation</Badge>}
    {link.disabled && <Badge tone="bad">Off</Badge>}
    {link.has_password && (
      <Badge>
        <Icon name="lock" size={11} /> Password
      </Badge>
    )}
    {link.max_clicks !== null && <Badge>At most {plural(link.max_clicks, "click")}</Badge>}
    {link.rules.length > 0 && <Badge>{plural(link.rules.length, "rule")}</Badge>}
    {link.lookalike && <Badge tone="ember">Look-alike host</Badge>}
    <Countdown expiresAt={link.expires_at} />
    {link.tags.map((tag) => (
      <Badge key={tag} tone="accent">
        {tag}
      </Badge>
    ))}
  </>
);

const RowActions = ({ link }: { link: ShortLink }) => {
  const session = useSession();
  const watched = useWatched()?.id === link.id;
  if (session.status !== "signed-in") return null;
  return (
    <Button
      look="plain"
      aria-pressed={watched}
      onClick={() => {
        watch(link);
        document.getElementById("watch")?.scrollIntoView();
      }}
    >
      {watched ? "Watched" : "Watch"}
      <span className="hidden-visually"> {link.hash}</span>
    </Button>
  );
};

/** One link of a list. */
export const LinkRow = ({ link }: { link: ShortLink }) => {
  const session = useSession();
  const name = spoken(link.short_url);
  return (
    <li className="link-row">
      <div className="link-row-main">
        <p className="row tight">
          {session.status === "signed-in" ? (
            <Link className="link-code" to={`/shortener/links/${encodeURIComponent(link.hash)}`}>
              {name}
            </Link>
          ) : (
            <a className="link-code" href={link.short_url} target="_blank" rel="noopener noreferrer">
              {name}
            </a>
          )}
          <LinkBadges link={link} />
        </p>
        <p className="link-target">
          {(link.title ?? link.preview?.title) && <strong>{link.title ?? link.preview?.title}</strong>}{" "}
          <span className="quiet">{link.url}</span>
        </p>
      </div>
      <time className="link-age" dateTime={link.created_at} title={instant(link.created_at)}>
        {ago(link.created_at, Date.now())}
      </time>
      <div className="link-row-actions">
        <RowActions link={link} />
        <CopyButton text={link.short_url} label={`Copy ${name}`} />
      </div>
    </li>
  );
};
