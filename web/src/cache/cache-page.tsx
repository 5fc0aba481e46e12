import type { ReactNode } from "react";
import { useSession } from "../api/session.ts";
import { ExperimentList } from "../patterns/experiment-list.tsx";
import { PatternPage } from "../patterns/pattern-page.tsx";
import { SignedIn } from "../patterns/sign-in-first.tsx";
import { CacheNumbers } from "./cache-numbers.tsx";
import { EntryForm } from "./entry-form.tsx";
import { experiments } from "./experiment-specs.ts";
import { Ring } from "./ring.tsx";
import { Stampede } from "./stampede.tsx";
import { Strategies } from "./strategies.tsx";
import { TagGrid } from "./tag-grid.tsx";
import { Traffic } from "./traffic.tsx";
import { WriteBehind } from "./write-behind.tsx";
import "../ui/charts.css";
import "./cache.css";

const Own = ({ what, children }: { what: string; children: ReactNode }) => {
  const signedIn = useSession().status === "signed-in";
  const inside = (
    <SignedIn title={what} why="namespaces belong to whoever writes in them">
      {() => children}
    </SignedIn>
  );
  return signedIn ? inside : <div className="card">{inside}</div>;
};

/** The distributed cache: try it, watch its tiers and strategies, break it, read its numbers. */
export const CachePage = () => {
  return (
    <PatternPage
      slug="cache"
      parts={{
        try: {
          intro:
            "A cache keeps answers near so that few ask their origin. Put, get and delete an entry and see which tier answers; drop many by one write; see which node owns which key.",
          body: (
            <>
              <Own what="Entries belong to somebody">
                <EntryForm />
                <TagGrid />
              </Own>
              <Ring />
            </>
          ),
        },
        watch: {
          intro:
            "Traffic from this browser against the running API, drawn as the answers come: how much the cache spares the origin, and what that is worth in time.",
          body: (
            <Own what="Traffic needs a namespace">
              <Traffic />
              <Strategies />
              <Stampede />
              <WriteBehind />
            </Own>
          ),
        },
        break: {
          intro:
            "Stampedes, late loads and odd entries, sent by this browser to the running API. Each experiment states what must hold, then shows what came.",
          body: <ExperimentList experiments={experiments} />,
        },
        numbers: {
          intro: "What this browser measured, what the API counted, and what the design calculates.",
          body: <CacheNumbers />,
        },
      }}
    />
  );
};
