import { patterns } from "../patterns/catalogue.ts";
import { PatternHead } from "../patterns/pattern-page.tsx";

/** The distributed cache. */
export const CachePage = () => {
  const pattern = patterns.find(({ slug }) => slug === "cache");
  return pattern ? <PatternHead pattern={pattern} /> : null;
};
