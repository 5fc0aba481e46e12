import { Problem } from "#core/kit/problem.ts";

/** Short domains by configuration (`SHORT_DOMAINS`, comma-separated); none: whatever host is asked is one. */
export const shortDomains = (): readonly string[] =>
  (process.env.SHORT_DOMAINS ?? "")
    .split(",")
    .map((domain) => domain.trim().toLowerCase())
    .filter((domain) => domain !== "");

/** The domain a request to `host` is about: `host` itself where it is a short domain, else the first of them. */
export const domainOf = (host: string): string => {
  const listed = shortDomains();
  return listed.length === 0 || listed.includes(host) ? host : (listed[0] ?? host);
};

/** Every name we answer by: no link may lead to one of them. */
export const ownDomains = (host: string): readonly string[] => [...new Set([...shortDomains(), host])];

/** The domain somebody chose for a link; throws when it is not one of ours. */
export const chooseDomain = (host: string, chosen?: string): string => {
  if (chosen === undefined) return domainOf(host);
  if (chosen === domainOf(host) || shortDomains().includes(chosen)) return chosen;
  throw new Problem("invalid-request", "This is not one of the short domains", {
    issues: [{ in: "body", pointer: "/domain", message: `Use one of: ${ownDomains(host).join(", ")}` }],
  });
};
