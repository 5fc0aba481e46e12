import { Problem } from "#core/kit/problem.ts";

/**
 * The domain links are kept under unless they stand on a further one. It is no name: what answers by it is the first
 * short domain, or any host while there is none. So a deployment may take a domain of its own later and keep its links.
 */
export const PRIMARY = "*";

/** Short domains by configuration (`SHORT_DOMAINS`, comma-separated), the primary first; none: any host is primary. */
export const shortDomains = (): readonly string[] =>
  (process.env.SHORT_DOMAINS ?? "")
    .split(",")
    .map((domain) => domain.trim().toLowerCase())
    .filter((domain) => domain !== "");

/** The domain a request to `host` is about: that of a further short domain, else the primary. */
export const domainOf = (host: string): string => (shortDomains().indexOf(host) > 0 ? host : PRIMARY);

/** What people type for a domain. */
export const hostOf = (domain: string, host: string): string =>
  domain === PRIMARY ? (shortDomains()[0] ?? host) : domain;

/** The domain a request to `host` names, by what `hostOf` shows; without a name, the one it is about. */
export const domainNamed = (host: string, name?: string): string => {
  if (name === undefined) return domainOf(host);
  return name === hostOf(PRIMARY, host) ? PRIMARY : name;
};

/** Every name we answer by: no link may lead to one of them. */
export const ownDomains = (host: string): readonly string[] => [...new Set([...shortDomains(), host])];

/** The domain somebody chose for a link; throws when it is not one of ours. */
export const chooseDomain = (host: string, chosen?: string): string => {
  const domain = domainNamed(host, chosen);
  if (domain === PRIMARY || shortDomains().includes(domain)) return domain;
  throw new Problem("invalid-request", "This is not one of the short domains", {
    issues: [{ in: "body", pointer: "/domain", message: `Use one of: ${ownDomains(host).join(", ")}` }],
  });
};
