import { Link } from "../shell/router.tsx";
import { Badge } from "../ui/surface.tsx";
import type { Index } from "./console-page.tsx";
import { useFollow } from "./follow.tsx";
import type { Glance } from "./overview/glance.ts";
import { useGlances } from "./overview/use-glances.ts";
import { PageHead } from "./page-head.tsx";
import type { ConsolePageSpec } from "./pages.ts";

const Card = ({
  page: { slug, name, about },
  glance,
}: {
  page: ConsolePageSpec;
  glance: Glance | undefined;
}) => (
  <Link to={`/console/${slug}`} className="console-card">
    <span className="console-card-name">
      <strong>{name}</strong>
      {glance?.wrong && <Badge tone="bad">{glance.wrong}</Badge>}
    </span>
    <span className="console-card-text small figures">{glance?.text}</span>
    <span className="small quiet">{about}</span>
  </Link>
);

/** Where the console begins: what there is to look at, how much of it, and what is wrong. */
export const Overview = ({ index, shown }: { index: Index; shown: readonly ConsolePageSpec[] }) => {
  const { button, following } = useFollow(6_000);
  const glances = useGlances(
    shown.map(({ slug }) => slug),
    following.everyMs,
  );
  return (
    <article className="stack">
      <PageHead
        title="Console"
        lead={`${index.app} · stage ${index.stage} · ${index.region}, on this machine`}
      >
        {button}
      </PageHead>
      <ul className="console-cards">
        {shown.map((page) => (
          <li key={page.slug}>
            <Card page={page} glance={glances[page.slug]} />
          </li>
        ))}
      </ul>
    </article>
  );
};
