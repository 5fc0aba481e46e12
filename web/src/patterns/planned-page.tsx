import { Link, useTitle } from "../shell/router.tsx";
import { Notice } from "../ui/surface.tsx";
import type { Pattern } from "./catalogue.ts";
import { PatternHead } from "./pattern-page.tsx";

/** A pattern that does not run yet: says so, and what it is sized for. */
export const PlannedPage = ({ pattern }: { pattern: Pattern }) => {
  useTitle(`${pattern.name} (planned)`);
  return (
    <article className="stack">
      <PatternHead pattern={pattern} />
      <Notice icon="clock" title="This pattern is not built yet">
        Its figures above are what the design is sized for; nothing of it runs or has been measured. When it
        does, this page will let you try it, watch it, break it and read its numbers, as{" "}
        <Link to="/shortener">the URL shortener</Link> does today.
      </Notice>
    </article>
  );
};
