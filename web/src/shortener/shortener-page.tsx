import { useSession } from "../api/session.ts";
import { ExperimentList } from "../patterns/experiment-list.tsx";
import { PatternPage } from "../patterns/pattern-page.tsx";
import { BulkForm } from "./bulk-form.tsx";
import { CreateForm } from "./create-form.tsx";
import { experiments } from "./experiment-specs.ts";
import { LinkList } from "./link-list.tsx";
import { ExportButton } from "./list-tools.tsx";
import { Numbers } from "./numbers.tsx";
import { Watch } from "./watch.tsx";

const Try = () => {
  const session = useSession();
  const signedIn = session.status === "signed-in";
  return (
    <>
      <CreateForm />
      <div className="card stack">
        <div className="row apart">
          <h3>{signedIn ? "Your links" : "Made in this tab"}</h3>
          {signedIn && <ExportButton />}
        </div>
        {signedIn && <BulkForm />}
        <LinkList />
      </div>
    </>
  );
};

/** The shortener: try it, watch it, break it, read its numbers. */
export const ShortenerPage = () => {
  return (
    <PatternPage
      slug="shortener"
      parts={{
        try: {
          intro: "Anybody may shorten a URL. Signed in, the link is yours to edit and count.",
          body: <Try />,
        },
        watch: {
          intro: "The counter of one link, asked each second while you look at it.",
          body: <Watch />,
        },
        break: {
          intro:
            "Races and misuse, sent by this browser to the running API. Each experiment states what must hold, then shows what came.",
          body: <ExperimentList experiments={experiments} />,
        },
        numbers: {
          intro: "What this browser measured, and what the design calculates, each called by its name.",
          body: <Numbers />,
        },
      }}
    />
  );
};
