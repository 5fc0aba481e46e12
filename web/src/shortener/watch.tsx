import { type RefObject, useRef, useState } from "react";
import { shortenerApi } from "#core/shortener/api.schema.ts";
import type { Link as ShortLink } from "#core/shortener/link.schema.ts";
import { call } from "../api/call.ts";
import { useSession } from "../api/session.ts";
import { useLoad } from "../api/use-load.ts";
import { Link } from "../shell/router.tsx";
import { Button } from "../ui/button.tsx";
import { SelectField } from "../ui/field.tsx";
import { ago, count, plural } from "../ui/format.ts";
import { Empty, FailureNotice, Skeleton } from "../ui/surface.tsx";
import { canFollow, follow } from "./follow.ts";
import { LiveChart } from "./live-chart.tsx";
import { useLinkChanges, useWatched, watch } from "./own-links.ts";
import { spoken } from "./result-card.tsx";
import { type LiveStats, useLiveStats } from "./use-live-stats.ts";

/** Sends clicks from this browser, as a visitor would. */
const SendClicks = ({ link }: { link: ShortLink }) => {
  const [busy, setBusy] = useState(0);
  const [said, setSaid] = useState("");
  const send = async (times: number) => {
    setBusy(times);
    const results = await Promise.all(Array.from({ length: times }, () => follow(link)));
    const refused = results.find((result) => result.kind === "refused");
    const passed = results.filter((result) => result.kind === "redirect").length;
    setBusy(0);
    setSaid(
      refused?.kind === "refused"
        ? `${plural(passed, "redirect")}, then: ${refused.failure.title}`
        : `${plural(passed, "redirect")} answered`,
    );
  };
  if (!canFollow(link))
    return <p className="small quiet">Open the link to click it: it is on another domain.</p>;
  return (
    <div className="row">
      {[1, 10, 100].map((times) => (
        <Button
          key={times}
          busy={busy === times}
          disabled={busy > 0 && busy !== times}
          onClick={() => void send(times)}
        >
          {times === 1 ? "Click once" : `Click ${times} times`}
        </Button>
      ))}
      <span role="status" className="small quiet figures">
        {said}
      </span>
    </div>
  );
};

/** The counter and its last minute. */
export const LivePanel = ({ live: { stats, ticks, failure } }: { live: LiveStats }) => {
  if (!stats) return failure ? <FailureNotice failure={failure} /> : <Skeleton label="Loading the counter" />;
  return (
    <>
      <dl className="tally">
        <div>
          <dt>clicks by people</dt>
          <dd data-testid="people">
            {stats.partial && "≥ "}
            {count(stats.clicks)}
          </dd>
        </div>
        <div>
          <dt>by bots, apart</dt>
          <dd data-testid="bots">{count(stats.bots)}</dd>
        </div>
        <div>
          <dt>last click</dt>
          <dd>{stats.last_click_at === null ? "none" : ago(stats.last_click_at, Date.now())}</dd>
        </div>
      </dl>
      <LiveChart ticks={ticks} />
      <p className="row">
        <span className="key">People</span>
        <span className="key bots">Bots</span>
        {failure && <span className="small quiet">Paused: {failure.title}</span>}
      </p>
    </>
  );
};

const Picker = ({ current }: { current: ShortLink | undefined }) => {
  const changes = useLinkChanges();
  const list = useLoad((signal) => call(shortenerApi.list, { query: { limit: "50" }, signal }), [changes]);
  const listed = list.data?.links ?? [];
  const links = current && !listed.some(({ id }) => id === current.id) ? [current, ...listed] : listed;
  if (list.data && links.length === 0)
    return <Empty title="Nothing to watch yet">Shorten a URL first.</Empty>;
  if (links.length === 0) return <FailureNotice failure={list.failure} retry={list.reload} />;
  return (
    <SelectField
      label="Link"
      value={current?.id ?? ""}
      onChange={(event) => watch(links.find(({ id }) => id === event.target.value))}
    >
      {!current && <option value="">Choose one of yours</option>}
      {links.map((link) => (
        <option key={link.id} value={link.id}>
          {spoken(link.short_url)} → {link.url.slice(0, 80)}
        </option>
      ))}
    </SelectField>
  );
};

const WatchOwn = ({ element }: { element: RefObject<HTMLDivElement | null> }) => {
  const link = useWatched();
  const live = useLiveStats(link, element);
  return (
    <>
      <Picker current={link} />
      {link && <SendClicks link={link} />}
      {link && <LivePanel live={live} />}
    </>
  );
};

/** Watches the clicks of one link as they are counted. */
export const Watch = () => {
  const session = useSession();
  const element = useRef<HTMLDivElement>(null);
  return (
    <div className="card stack" ref={element}>
      {session.status === "signed-in" ? (
        <WatchOwn element={element} />
      ) : (
        <Empty title="Statistics belong to a link's owner">
          <Link to="/sign-in">Sign in</Link>, or take a demo user from the menu at the top, and shorten a URL:
          its clicks arrive here each second.
        </Empty>
      )}
    </div>
  );
};
