import type { Link } from "#core/shortener/link.schema.ts";
import { type Failure, noAnswer, toFailure } from "../api/failure.ts";
import { record } from "../api/latency.ts";

/** What following a short link gave. The browser hides a redirect's status and target from scripts, not that it came. */
export type Followed =
  | { readonly kind: "redirect"; readonly ms: number }
  | { readonly kind: "refused"; readonly failure: Failure; readonly ms: number };

const pathOf = (link: Pick<Link, "short_url">) => {
  const { pathname, host } = new URL(link.short_url);
  // Another short domain cannot be read from here: browsers keep origins apart.
  return host === location.host ? pathname : undefined;
};

/** Whether this page may follow the link and see what came. */
export const canFollow = (link: Pick<Link, "short_url">): boolean => pathOf(link) !== undefined;

/** Follows a short link as a visitor would, and stops at the redirect. */
export const follow = async (link: Pick<Link, "short_url">): Promise<Followed> => {
  const start = performance.now();
  try {
    const response = await fetch(pathOf(link) ?? link.short_url, {
      redirect: "manual",
      cache: "no-store",
      credentials: "omit",
      headers: { accept: "application/problem+json, application/json;q=0.9" },
    });
    const ms = performance.now() - start;
    const redirected = response.type === "opaqueredirect";
    record("GET /{hash}", ms, redirected ? 302 : response.status);
    if (redirected) return { kind: "redirect", ms };
    const body: unknown = await response.json().catch(() => undefined);
    return { kind: "refused", failure: toFailure(response.status, body), ms };
  } catch (error) {
    return { kind: "refused", failure: noAnswer(error), ms: performance.now() - start };
  }
};
