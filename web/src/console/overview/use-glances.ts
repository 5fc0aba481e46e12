import { useEffect, useState } from "react";
import { type Glance, glances } from "./glance.ts";

/** What there is to say of each page, read anew every so often while the overview is in sight. */
export const useGlances = (
  slugs: readonly string[],
  everyMs: number | undefined,
): Readonly<Record<string, Glance>> => {
  const [known, setKnown] = useState<Readonly<Record<string, Glance>>>({});
  const list = slugs.join(" ");
  useEffect(() => {
    const control = new AbortController();
    const readAll = () => {
      if (document.visibilityState !== "visible") return;
      for (const slug of list.split(" ")) {
        void glances[slug]?.(control.signal).then((glance) => {
          if (glance && !control.signal.aborted) setKnown((before) => ({ ...before, [slug]: glance }));
        });
      }
    };
    readAll();
    const timer = everyMs === undefined ? undefined : setInterval(readAll, everyMs);
    return () => {
      clearInterval(timer);
      control.abort();
    };
  }, [list, everyMs]);
  return known;
};
