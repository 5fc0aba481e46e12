import { logsEvent, proxyEvent } from "./events.ts";

/** One warm invocation that is measured. `{n}` in the event is another number each time. */
export interface Case {
  readonly event: unknown;
  /** HTTP status to expect; 0 where there is none. */
  readonly status: number;
}

/** What the cases are about: links that are there already. */
export interface World {
  readonly owner: string;
  readonly token: string;
  readonly link: { readonly id: string; readonly hash: string };
  readonly locked: { readonly hash: string };
}

const http = (status: number, request: Parameters<typeof proxyEvent>[0]): Case => ({
  event: proxyEvent(request),
  status,
});

const clickLine = (link: string) =>
  JSON.stringify({
    level: "INFO",
    timestamp: new Date().toISOString(),
    event: "link.clicked",
    link,
    bucket: "benchmrk.0",
    shard: 0,
    n: 0,
    country: "DE",
    referrer: "example.com",
    device: "desktop",
    bot: false,
  });

const onLink = (world: World, method: string, status: number, suffix = "", body?: unknown): Case =>
  http(status, {
    method,
    path: `/api/v1/links/${world.link.hash}${suffix}`,
    hash: world.link.hash,
    user: world.owner,
    ...(body !== undefined && { body }),
  });

/** A warm case for each handler that can be called again and again; the others change what they are called on. */
export const casesFor = (world: World): Record<string, Case> => ({
  Bare: { event: {}, status: 404 },
  DocsHealth: http(200, { method: "GET", path: "/api/v1/health" }),
  DocsOpenapi: http(200, { method: "GET", path: "/api/v1/openapi.json" }),
  DocsProblems: http(200, { method: "GET", path: "/api/v1/problems" }),
  IdentityAuthorize: {
    event: {
      type: "TOKEN",
      authorizationToken: `Bearer ${world.token}`,
      methodArn: "arn:aws:execute-api:us-east-1:000000000000:api/local/GET/api/v1/links",
    },
    status: 0,
  },
  ShortenerShorten: http(201, {
    method: "POST",
    path: "/api/v1/shorten",
    body: { url: "https://example.org/{n}" },
  }),
  ShortenerBulk: http(200, {
    method: "POST",
    path: "/api/v1/links/bulk",
    user: world.owner,
    body: { links: [{ url: "https://example.net/{n}" }] },
  }),
  ShortenerList: http(200, { method: "GET", path: "/api/v1/links", user: world.owner }),
  ShortenerExport: http(200, { method: "GET", path: "/api/v1/links/export", user: world.owner }),
  ShortenerGet: onLink(world, "GET", 200),
  ShortenerEdit: onLink(world, "PATCH", 200, "", { title: "Edit {n}" }),
  ShortenerStats: onLink(world, "GET", 200, "/stats"),
  ShortenerQr: onLink(world, "GET", 200, "/qr"),
  ShortenerRedirect: http(302, { method: "GET", path: `/${world.link.hash}`, hash: world.link.hash }),
  ShortenerUnlock: http(303, {
    method: "POST",
    path: `/${world.locked.hash}`,
    hash: world.locked.hash,
    form: "password=open-sesame",
  }),
  ShortenerCountClicks: { event: logsEvent([clickLine(world.link.id)]), status: 0 },
});
