import { Suspense, useEffect, useRef } from "react";
import * as v from "valibot";
import { NotFound } from "../shell/not-found.tsx";
import { Link, useTitle } from "../shell/router.tsx";
import { FailureNotice, Skeleton } from "../ui/surface.tsx";
import { useView } from "./client.ts";
import { Overview } from "./overview.tsx";
import { type ConsolePageSpec, pages } from "./pages.ts";
import "./console.css";

const Index = v.object({
  app: v.string(),
  stage: v.string(),
  region: v.string(),
  parts: v.array(v.object({ name: v.string(), views: v.array(v.string()), actions: v.array(v.string()) })),
});
/** What this local cloud has to show. */
export type Index = v.InferOutput<typeof Index>;

const Tabs = ({ shown, slug }: { shown: readonly ConsolePageSpec[]; slug: string }) => {
  const list = useRef<HTMLUListElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page has another tab in sight
  useEffect(() => {
    const here = list.current?.querySelector<HTMLElement>("[aria-current]");
    // Narrow screens scroll the tabs: the page's own shall be among those in sight.
    if (list.current && here) list.current.scrollLeft = here.offsetLeft - list.current.offsetLeft - 48;
  }, [slug]);
  return (
    <nav className="console-nav" aria-label="Console">
      <ul className="console-tabs" ref={list}>
        {[{ slug: "", name: "Overview" }, ...shown].map((page) => (
          <li key={page.slug}>
            <Link
              to={page.slug === "" ? "/console" : `/console/${page.slug}`}
              aria-current={page.slug === slug ? "page" : undefined}
            >
              {page.name}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
};

const decode = (text: string) => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

const Chosen = ({ index, slug, rest }: { index: Index; slug: string; rest: readonly string[] }) => {
  const shown = pages.filter(({ part }) => index.parts.some(({ name }) => name === part));
  const page = shown.find((one) => one.slug === slug);
  return (
    <>
      <Tabs shown={shown} slug={slug} />
      <Suspense fallback={<Skeleton label="Loading the page" />}>
        {slug === "" ? (
          <Overview index={index} shown={shown} />
        ) : page ? (
          <page.Page rest={rest} />
        ) : (
          <NotFound />
        )}
      </Suspense>
    </>
  );
};

/** The console of the local cloud: what happened, what is stored, and what can be done to it. */
export const ConsolePage = ({ path }: { path: string }) => {
  const [slug = "", ...rest] = path.split("/").slice(2).map(decode);
  useTitle("Console");
  const index = useView(Index, "");
  return (
    <div className="console">
      {!index.data && (
        <>
          <h1 tabIndex={-1}>Console</h1>
          <FailureNotice failure={index.failure} retry={index.reload} />
          {index.loading && <Skeleton label="Loading the console" />}
        </>
      )}
      {index.data && <Chosen index={index.data} slug={slug} rest={rest} />}
    </div>
  );
};
