import { lazy, type ReactNode, Suspense } from "react";
import { useTitle } from "../shell/router.tsx";
import { numeral, type Pattern, patterns } from "./catalogue.ts";
import "./pattern.css";

// Of the local cloud alone: a build for AWS holds nothing of it.
const BreakPanel = import.meta.env.VITE_LOCAL_CLOUD
  ? lazy(async () => ({ default: (await import("../break/break-panel.tsx")).BreakPanel }))
  : undefined;

/** The four parts every pattern's page has. */
export type PartName = "try" | "watch" | "break" | "numbers";

/** What the stacks call a pattern, where that is not its address here. */
const groups: Readonly<Record<string, string>> = { limiter: "limits" };

const titles: Record<PartName, string> = {
  try: "Try it",
  watch: "Watch it",
  break: "Break it",
  numbers: "Numbers",
};

/** Head of a pattern's page: what it is and what it is sized for. */
export const PatternHead = ({ pattern, children }: { pattern: Pattern; children?: ReactNode }) => (
  <header className="pattern-head">
    <p className="eyebrow">
      Pattern <span className="figures">{numeral(pattern.number)}</span> of 10
    </p>
    <h1 tabIndex={-1}>{pattern.name}</h1>
    <p className="lead">{pattern.summary}</p>
    <dl className="targets" aria-label="What the design is sized for">
      {pattern.targets.map(([figure, what]) => (
        <div key={what}>
          <dd className="figures">{figure}</dd>
          <dt>{what}</dt>
        </div>
      ))}
    </dl>
    {children}
  </header>
);

/** A pattern's page: head, the way through its parts, the parts. */
export const PatternPage = ({
  slug,
  parts,
}: {
  slug: string;
  parts: Readonly<Record<PartName, { intro: string; body: ReactNode }>>;
}) => {
  const pattern = patterns.find((one) => one.slug === slug);
  useTitle(pattern?.name ?? "");
  if (!pattern) return null;
  const names = Object.keys(titles) as PartName[];
  return (
    <article>
      <PatternHead pattern={pattern} />
      <nav className="part-nav" aria-label="Parts of this page">
        <ol className="part-list">
          {names.map((name) => (
            <li key={name}>
              <a href={`#${name}`} data-part={name}>
                {titles[name]}
              </a>
            </li>
          ))}
        </ol>
      </nav>
      {names.map((name) => (
        <section key={name} id={name} className="part" data-part={name} aria-labelledby={`${name}-title`}>
          <header className="part-head">
            <h2 id={`${name}-title`}>{titles[name]}</h2>
            <p className="quiet">{parts[name].intro}</p>
          </header>
          {parts[name].body}
          {name === "break" && BreakPanel && (
            <Suspense>
              <BreakPanel group={groups[pattern.slug] ?? pattern.slug} />
            </Suspense>
          )}
        </section>
      ))}
    </article>
  );
};
