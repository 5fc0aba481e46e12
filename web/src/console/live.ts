import { useEffect, useRef } from "react";

/** A span as the stream of events tells it, as far as pages look at it. */
export interface LiveSpan {
  readonly traceId: string;
  readonly node: string;
}

const spanOf = (data: string): LiveSpan | undefined => {
  try {
    const { span } = JSON.parse(data) as { span?: LiveSpan };
    return span;
  } catch {
    return undefined;
  }
};

/** Calls `changed` soon after something happened that `about` lets through; at most once in `everyMs`. */
export const useLive = (
  changed: () => void,
  { on, about, everyMs = 700 }: { on: boolean; about?: (span: LiveSpan) => boolean; everyMs?: number },
): void => {
  const latest = useRef({ changed, about });
  latest.current = { changed, about };
  useEffect(() => {
    if (!on) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const source = new EventSource(`${import.meta.env.VITE_LOCAL_CLOUD}/events`);
    const soon = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        latest.current.changed();
      }, everyMs);
    };
    let opened = false;
    source.addEventListener("open", () => {
      if (opened) soon(); // it was gone, and what it told meanwhile was missed
      opened = true;
    });
    source.addEventListener("message", ({ data }: MessageEvent<string>) => {
      const span = spanOf(data);
      if (span && latest.current.about?.(span) !== false) soon();
    });
    return () => {
      source.close();
      clearTimeout(timer);
    };
  }, [on, everyMs]);
};
