import { Link } from "../shell/router.tsx";
import type { Index } from "./console-page.tsx";
import { PageHead } from "./page-head.tsx";
import type { ConsolePageSpec } from "./pages.ts";

/** Where the console begins: what there is to look at. */
export const Overview = ({ index, shown }: { index: Index; shown: readonly ConsolePageSpec[] }) => (
  <article className="stack">
    <PageHead
      title="Console"
      lead={`${index.app} · stage ${index.stage} · ${index.region}, on this machine`}
    />
    <ul className="console-cards">
      {shown.map(({ slug, name, about }) => (
        <li key={slug}>
          <Link to={`/console/${slug}`} className="console-card">
            <strong>{name}</strong>
            <span className="small quiet">{about}</span>
          </Link>
        </li>
      ))}
    </ul>
  </article>
);
