import { type FormEvent, useState } from "react";
import { shortenerApi } from "#core/shortener/api.schema.ts";
import type { LinkPage, Link as ShortLink } from "#core/shortener/link.schema.ts";
import { call } from "../api/call.ts";
import type { Failure } from "../api/failure.ts";
import { useSession } from "../api/session.ts";
import { useLoad } from "../api/use-load.ts";
import { Link } from "../shell/router.tsx";
import { Button } from "../ui/button.tsx";
import { TextField } from "../ui/field.tsx";
import { Empty, FailureNotice, Skeleton } from "../ui/surface.tsx";
import { LinkRow } from "./link-row.tsx";
import { useLinkChanges, useMadeLinks } from "./own-links.ts";

const pageSize = "10";

const load = async (query: { url?: string; cursor?: string }, signal?: AbortSignal) =>
  call(shortenerApi.list, { query: { limit: pageSize, ...query }, ...(signal ? { signal } : {}) });

/** The first page, loaded anew when `url` or anything of the owner's changes, and the pages after it on request. */
const usePages = (url: string) => {
  const changes = useLinkChanges();
  const filter = url === "" ? {} : { url };
  const [more, setMore] = useState<readonly LinkPage[]>([]);
  const [failure, setFailure] = useState<Failure>();
  const [busy, setBusy] = useState(false);
  const first = useLoad(
    async (signal) => {
      const outcome = await load(filter, signal);
      if (outcome.ok) setMore([]);
      return outcome;
    },
    [url, changes],
  );
  const pages = first.data ? [first.data, ...more] : [];
  const cursor = pages.at(-1)?.cursor ?? null;
  const next = async () => {
    if (cursor === null) return;
    setBusy(true);
    const outcome = await load({ ...filter, cursor });
    setBusy(false);
    setFailure(outcome.ok ? undefined : outcome.failure);
    if (outcome.ok) setMore([...more, outcome.data]);
  };
  const links = pages.flatMap((page) => page.links);
  return { first, links, cursor, next, busy, failure: failure ?? first.failure };
};

const Filter = ({ onFilter }: { onFilter: (url: string) => void }) => {
  const [text, setText] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onFilter(text.trim());
  };
  return (
    <form className="filter" onSubmit={submit} noValidate>
      <TextField
        label="Which links lead to this URL?"
        type="search"
        placeholder="https://…"
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          if (event.target.value === "") onFilter("");
        }}
      />
      <Button type="submit">Look up</Button>
    </form>
  );
};

const Rows = ({ links }: { links: readonly ShortLink[] }) => (
  <ul className="link-rows">
    {links.map((link) => (
      <LinkRow key={link.id} link={link} />
    ))}
  </ul>
);

const OwnLinks = () => {
  const [url, setUrl] = useState("");
  const { first, links, cursor, next, busy, failure } = usePages(url);
  return (
    <>
      <Filter onFilter={setUrl} />
      <FailureNotice failure={failure} retry={first.reload} />
      {first.loading && !first.data && <Skeleton label="Loading your links" />}
      {first.data && links.length === 0 && (
        <Empty title={url === "" ? "No links yet" : "None of your links leads there"}>
          {url === ""
            ? "Shorten a URL above and it appears here."
            : "The URL is compared in its canonical form."}
        </Empty>
      )}
      <Rows links={links} />
      {cursor !== null && (
        <div>
          <Button busy={busy} onClick={() => void next()}>
            Show older links
          </Button>
        </div>
      )}
    </>
  );
};

const AnonymousLinks = () => {
  const made = useMadeLinks();
  return (
    <>
      {made.length === 0 ? (
        <Empty title="Nothing made yet">
          Links you make without signing in are listed until you leave the page.
        </Empty>
      ) : (
        <Rows links={made} />
      )}
      <p className="small quiet">
        Anonymous links belong to nobody: they cannot be edited or counted for you.{" "}
        <Link to="/sign-in">Sign in</Link> to keep, edit and watch yours.
      </p>
    </>
  );
};

/** Own links, or those made in this tab by somebody who is not signed in. */
export const LinkList = () => {
  const session = useSession();
  if (session.status === "resuming") return <Skeleton label="Loading your links" />;
  return session.status === "signed-in" ? <OwnLinks key={session.user.id} /> : <AnonymousLinks />;
};
