import { Link, useTitle } from "../shell/router.tsx";
import { Badge } from "../ui/surface.tsx";
import { numeral, type Pattern, patterns } from "./catalogue.ts";
import "./pattern.css";

const PatternCard = ({ pattern }: { pattern: Pattern }) => (
  <Link to={`/${pattern.slug}`} className={`home-card ${pattern.built ? "built" : "planned"}`}>
    <div className="row apart">
      <span className="nav-number">{numeral(pattern.number)}</span>
      {pattern.built ? <Badge tone="accent">Running</Badge> : <Badge>Planned</Badge>}
    </div>
    <h3>{pattern.name}</h3>
    <p>{pattern.summary}</p>
    <p className="home-figures">{pattern.targets.map(([figure, what]) => `${figure} ${what}`).join(" · ")}</p>
  </Link>
);

/** Overview: what this is, and the ten patterns with their state. */
export const HomePage = () => {
  useTitle("");
  const running = patterns.filter(({ built }) => built).length;
  return (
    <>
      <header className="home-head">
        <h1 tabIndex={-1}>Ten system designs that run.</h1>
        <p className="lead">
          Not diagrams: working systems, on AWS or on one machine, from the same code. Try each one, watch it
          work, break it, and read what it measured.
        </p>
        <p className="row">
          <Link to="/shortener" className="button primary large">
            Start with the URL shortener
          </Link>
          {import.meta.env.VITE_LOCAL_CLOUD ? (
            <Link to="/map" className="button large">
              See the system map
            </Link>
          ) : (
            <Link to="/api" className="button large">
              Read the API
            </Link>
          )}
        </p>
      </header>
      <section className="stack" aria-labelledby="all-patterns">
        <div className="row apart">
          <h2 id="all-patterns">The patterns</h2>
          <p className="quiet small figures">
            {running} of {patterns.length} running
          </p>
        </div>
        <ol className="home-grid">
          {patterns.map((pattern) => (
            <li key={pattern.slug}>
              <PatternCard pattern={pattern} />
            </li>
          ))}
        </ol>
      </section>
    </>
  );
};
