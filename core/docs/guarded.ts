import type { Operation } from "#core/kit/api.schema.ts";
import { guards, stageRates, usagePlan } from "#core/limits/policies.schema.ts";

// What OpenAPI says of limits: who counts, what an answer tells of it, when to come back.

const draft = "draft-ietf-httpapi-ratelimit-headers-11";

/** Headers by which answers speak of limits, as components. */
export const limitHeaders = {
  "RateLimit-Policy": {
    description: `The rules that count this request (${draft}): \`q\` units each \`w\` seconds; \`tenfold-burst\`: at once. Rules of the whole service are named only where they refuse.`,
    schema: { type: "string" },
    example: '"write-ip";q=6000;w=60;tenfold-burst=3000',
  },
  RateLimit: {
    description: `What each rule has left (${draft}): \`r\` units, and no more than that for \`t\` seconds. Of a refused request: the rules that refused it.`,
    schema: { type: "string" },
    example: '"write-ip";r=2999;t=1',
  },
  "Retry-After": {
    description: "Seconds after which the same request may pass. None: never.",
    schema: { type: "integer", minimum: 1 },
  },
} as const;

type Named = Readonly<Record<string, { readonly $ref: string }>>;

const named = (...names: (keyof typeof limitHeaders)[]): Named =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));

/** Headers of an answer. What a shared cache may keep, and what API Gateway itself answers, has none: none is required. */
export const headersOf = (status: number): Named =>
  [429, 503].includes(status)
    ? named("RateLimit-Policy", "RateLimit", "Retry-After")
    : named("RateLimit-Policy", "RateLimit");

const code = (text: string) => `\`${text}\``;

/** Which rules guard an operation: those of its class, those of its own, the stage's throttle, the usage plan. */
export const guardText = ({ limit, limits = [], cost, apiKey }: Operation): string => {
  const { rate, burst } = stageRates[limit];
  const own = limits.map(
    ({ rule, by, of, only }) =>
      `${code(rule)} by ${by.join(" and ")}${of ? `, of ${of} callers` : ""}${only ? `; only what ends in ${only.map(code).join(" or ")} counts` : ""}`,
  );
  return [
    `Counted by ${[...guards[limit].map(code), ...own].join(", ")}.`,
    ...(cost ? [`It costs a unit for each of its ${cost}.`] : []),
    `API Gateway lets ${rate.toLocaleString("en-US")} a second through, ${burst.toLocaleString("en-US")} at once.`,
    ...(apiKey
      ? [
          `With the key of the usage plan: ${usagePlan.rate} a second, ${usagePlan.burst} at once, ${usagePlan.perDay.toLocaleString("en-US")} a day.`,
        ]
      : []),
  ].join(" ");
};

/** Members of a problem that `quota-exceeded` has. */
export const quotaMembers = {
  "violated-policies": {
    type: "array",
    items: { type: "string" },
    description: `Of \`quota-exceeded\`: the rules that refused (${draft}). API Gateway's own 429 has none.`,
    examples: [["write-ip"]],
  },
  retry_after_ms: {
    type: ["number", "null"],
    description:
      "Of `quota-exceeded`: milliseconds. One earlier is refused; at it the request passes if nobody else comes. null: never.",
  },
} as const;

/** How callers say who they are. */
export const securitySchemes = {
  user: { type: "http", scheme: "bearer", bearerFormat: "JWT" },
  apiKey: {
    type: "apiKey",
    in: "header",
    name: "x-api-key",
    description:
      "The key of the usage plan: GET /api/v1/limits/api-key answers it. It says who calls and protects nothing.",
  },
} as const;
