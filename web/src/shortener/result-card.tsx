import type { Link as ShortLink } from "#core/shortener/link.schema.ts";
import { useSession } from "../api/session.ts";
import { Link } from "../shell/router.tsx";
import { CopyButton } from "../ui/button.tsx";
import { millis } from "../ui/format.ts";
import { Icon } from "../ui/icon.tsx";
import { Badge } from "../ui/surface.tsx";
import { Countdown } from "./countdown.tsx";
import { QrCode } from "./qr-code.tsx";

/** What came back from a creation. */
export interface Made {
  readonly link: ShortLink;
  /** The same owner had asked for it before. */
  readonly existed: boolean;
  readonly ms: number;
}

/** A short URL without its scheme, as one says it. */
export const spoken = (shortUrl: string): string => shortUrl.replace(/^https?:\/\//, "");

/** Copy and open. */
export const LinkActions = ({ link }: { link: ShortLink }) => (
  <>
    <CopyButton text={link.short_url} label={`Copy ${spoken(link.short_url)}`}>
      Copy
    </CopyButton>
    <a className="button" href={link.short_url} target="_blank" rel="noopener noreferrer">
      <Icon name="external" /> Open
      <span className="hidden-visually"> {spoken(link.short_url)} in a new tab</span>
    </a>
  </>
);

/** The link that was just made. */
export const ResultCard = ({ made: { link, existed, ms } }: { made: Made }) => {
  const session = useSession();
  return (
    <div className="result">
      <div className="stack tight">
        <p className="row tight small">
          {existed ? (
            <Badge tone="iris">You had this link already</Badge>
          ) : (
            <Badge tone="good">Created</Badge>
          )}
          <span className="quiet figures">in {millis(ms)}</span>
          <Countdown expiresAt={link.expires_at} />
        </p>
        <p className="result-url">
          <a href={link.short_url} target="_blank" rel="noopener noreferrer">
            {spoken(link.short_url)}
          </a>
        </p>
        <p className="quiet small result-target">{link.url}</p>
        {link.lookalike && (
          <p className="field-error">
            <Icon name="warning" size={14} /> The host mixes scripts that are easily mistaken for one another.
          </p>
        )}
        <div className="row">
          <LinkActions link={link} />
          {session.status === "signed-in" && (
            <Link className="button" to={`/shortener/links/${encodeURIComponent(link.hash)}`}>
              Details <Icon name="arrow" />
            </Link>
          )}
        </div>
      </div>
      <QrCode link={link} />
    </div>
  );
};
