import { type AnchorHTMLAttributes, type MouseEvent, useEffect, useSyncExternalStore } from "react";

/** Where the page is served: `/app`. */
export const base = import.meta.env.BASE_URL.replace(/\/$/, "");

const subscribe = (listener: () => void) => {
  addEventListener("popstate", listener);
  return () => removeEventListener("popstate", listener);
};
const read = () => location.pathname.slice(base.length).replace(/\/+$/, "") || "/";

/** The route below the base, without a trailing slash. */
export const usePath = (): string => useSyncExternalStore(subscribe, read);

/** Goes to a route; the shell moves focus to the new page's heading. */
export const navigate = (to: string, replace = false): void => {
  const url = `${base}${to}`;
  if (url === location.pathname + location.search) return;
  if (replace) history.replaceState(null, "", url);
  else history.pushState(null, "", url);
  dispatchEvent(new PopStateEvent("popstate"));
};

/** A link within the page. Keys and buttons that open a new tab keep doing so. */
export const Link = ({ to, onClick, ...rest }: { to: string } & AnchorHTMLAttributes<HTMLAnchorElement>) => {
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event);
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    navigate(to);
  };
  return <a href={`${base}${to}`} onClick={follow} {...rest} />;
};

/** The parameters of `pattern` (`/shortener/links/:hash`) in `path`; undefined when it is another route. */
export const match = (pattern: string, path: string): Record<string, string> | undefined => {
  const wanted = pattern.split("/");
  const given = path.split("/");
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [i, part] of wanted.entries()) {
    const actual = given[i] ?? "";
    if (part.startsWith(":")) params[part.slice(1)] = safeDecode(actual);
    else if (part !== actual) return undefined;
  }
  return params;
};

const safeDecode = (text: string) => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** Names the page in the tab and in the history. */
export const useTitle = (title: string): void => {
  useEffect(() => {
    document.title = title === "" ? "tenfold" : `${title} · tenfold`;
  }, [title]);
};
