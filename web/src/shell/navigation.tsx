import { numeral, patterns } from "../patterns/catalogue.ts";
import { Icon, type IconName } from "../ui/icon.tsx";
import { Link, usePath } from "./router.tsx";
import "./navigation.css";

const isHere = (path: string, to: string) => path === to || (to !== "/" && path.startsWith(`${to}/`));

const tools: readonly (readonly [to: string, label: string, icon: IconName])[] = [
  ["/map", "System map", "map"],
  ["/api", "API reference", "code"],
];

/** All places of the page. Patterns that do not run yet are there, and say so. */
export const Navigation = ({ label, onFollow }: { label: string; onFollow?: () => void }) => {
  const path = usePath();
  const here = (to: string) => (isHere(path, to) ? ("page" as const) : undefined);
  return (
    <nav className="navigation" aria-label={label}>
      <ul className="nav-list">
        <li>
          <Link to="/" className="nav-item" aria-current={here("/")} onClick={onFollow}>
            <Icon name="list" /> Overview
          </Link>
        </li>
      </ul>
      <h2 className="nav-title">Patterns</h2>
      <ol className="nav-list">
        {patterns.map(({ number, slug, name, built }) => (
          <li key={slug}>
            <Link
              to={`/${slug}`}
              className={`nav-item ${built ? "" : "planned"}`}
              aria-current={here(`/${slug}`)}
              onClick={onFollow}
            >
              <span className="nav-number" aria-hidden="true">
                {numeral(number)}
              </span>
              {name}
              {!built && <span className="nav-state">planned</span>}
            </Link>
          </li>
        ))}
      </ol>
      <h2 className="nav-title">The system</h2>
      <ul className="nav-list">
        {tools.map(([to, name, icon]) => (
          <li key={to}>
            <Link to={to} className="nav-item" aria-current={here(to)} onClick={onFollow}>
              <Icon name={icon} /> {name}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
};
