import { type RefObject, useEffect, useState } from "react";
import { shortenerApi } from "#core/shortener/api.schema.ts";
import type { Link, LinkStats } from "#core/shortener/link.schema.ts";
import { call } from "../api/call.ts";
import type { Failure } from "../api/failure.ts";
import { domainOf } from "./own-links.ts";

/** One look at the counter. */
export interface Tick {
  readonly at: number;
  readonly people: number;
  readonly bots: number;
}

/** The last minute of looks, the latest statistics, and why there are none. */
export interface LiveStats {
  readonly ticks: readonly Tick[];
  readonly stats: LinkStats | undefined;
  readonly failure: Failure | undefined;
}

const everyMs = 1_000;
const kept = 61;
const nothing: LiveStats = { ticks: [], stats: undefined, failure: undefined };

const useVisible = (element: RefObject<HTMLElement | null>): boolean => {
  const [visible, setVisible] = useState(false);
  useEffect(() => {
    let onScreen = false;
    const update = () => setVisible(onScreen && document.visibilityState === "visible");
    const observer = new IntersectionObserver(([entry]) => {
      onScreen = entry?.isIntersecting ?? false;
      update();
    });
    if (element.current) observer.observe(element.current);
    document.addEventListener("visibilitychange", update);
    return () => {
      observer.disconnect();
      document.removeEventListener("visibilitychange", update);
    };
  }, [element]);
  return visible;
};

/** Asks for a link's statistics about each second while `element` can be seen; the next question waits for the answer. */
export const useLiveStats = (link: Link | undefined, element: RefObject<HTMLElement | null>): LiveStats => {
  const visible = useVisible(element);
  const [live, setLive] = useState<LiveStats>(nothing);
  // biome-ignore lint/correctness/useExhaustiveDependencies: an edit of the same link keeps its minute of history
  useEffect(() => setLive(nothing), [link?.id]);
  useEffect(() => {
    if (!visible || !link) return;
    const control = new AbortController();
    let timer: ReturnType<typeof setTimeout>;
    const look = async () => {
      const outcome = await call(shortenerApi.stats, {
        params: { hash: link.hash },
        query: { days: "30", ...domainOf(link) },
        signal: control.signal,
      });
      if (control.signal.aborted) return;
      setLive((before) => next(before, outcome));
      timer = setTimeout(() => void look(), everyMs);
    };
    void look();
    return () => {
      control.abort();
      clearTimeout(timer);
    };
  }, [visible, link]);
  return live;
};

type Answer =
  | { readonly ok: true; readonly data: LinkStats }
  | { readonly ok: false; readonly failure: Failure };

const next = (before: LiveStats, answer: Answer): LiveStats => {
  if (!answer.ok) return { ...before, failure: answer.failure };
  const tick = { at: Date.now(), people: answer.data.clicks, bots: answer.data.bots };
  return { ticks: [...before.ticks, tick].slice(-kept), stats: answer.data, failure: undefined };
};
