import { numeral, patterns } from "../patterns/catalogue.ts";
import { Icon, type IconName } from "../ui/icon.tsx";
import { Link, usePath } from "./router.tsx";
import "./navigation.css";

const isHere = (path: string, to: string) => path === to || (to !== "/" && path.startsWith(`${to}/`));

const tools: readonly (readonly [to: string, label: string, icon: IconName])[] = [
  ...(import.meta.env.VITE_LOCAL_CLOUD
    ? ([
        ["/map", "System map", "map"],
        ["/console", "Console", "console"],
      ] as const)
    : []),
  ["/api", "API reference", "code"],
];

interface ListProps {
  readonly here: (to: string) => "page" | undefined;
  readonly onFollow: (() => void) | undefined;
}

const PatternList = ({ here, onFollow }: ListProps) => (
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
);

const PlaceList = ({ places, here, onFollow }: ListProps & { places: typeof tools }) => (
  <ul className="nav-list">
    {places.map(([to, name, icon]) => (
      <li key={to}>
        <Link to={to} className="nav-item" aria-current={here(to)} onClick={onFollow}>
          <Icon name={icon} /> {name}
        </Link>
      </li>
    ))}
  </ul>
);

/** All places of the page. Patterns that do not run yet are there, and say so. */
export const Navigation = ({ label, onFollow }: { label: string; onFollow?: () => void }) => {
  const path = usePath();
  const here = (to: string) => (isHere(path, to) ? ("page" as const) : undefined);
  return (
    <nav className="navigation" aria-label={label}>
      <PlaceList places={[["/", "Overview", "list"]]} here={here} onFollow={onFollow} />
      <h2 className="nav-title">Patterns</h2>
      <PatternList here={here} onFollow={onFollow} />
      <h2 className="nav-title">The system</h2>
      <PlaceList places={tools} here={here} onFollow={onFollow} />
    </nav>
  );
};
