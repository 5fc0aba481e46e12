import fc from "fast-check";

const nasty = fc.oneof(
  fc.string({ unit: "binary", maxLength: 80 }),
  fc.string({ maxLength: 80 }),
  fc.constantFrom(
    ...[
      "__proto__",
      "constructor",
      "../../etc/passwd",
      "%00",
      "%",
      "%E0%A4%A",
      "a\u0000b",
      "\uD800",
      "\u202E",
      "'",
      '"',
    ],
    ...["<script>", "{{7*7}}", "=1+1", "null", "true", "-1", "1e999", "NaN", "", " ", "x".repeat(9_000)],
    ...[
      "http://[::1]/",
      "https://a@b",
      "javascript:1",
      "data:,",
      "//",
      "https://",
      "http://\u0000/",
      "https://例え.テスト/",
    ],
  ),
);
const json = fc.oneof(fc.jsonValue({ maxDepth: 3 }), nasty);
/** An object whose keys are mostly those that the operation knows, so that some of it gets past the door. */
const known = (keys: readonly string[]) =>
  fc.dictionary(fc.oneof(fc.constantFrom(...keys), nasty), json, { maxKeys: 6 });
const KEYS = [
  "url",
  "custom_hash",
  "domain",
  "redirect",
  "expires_in",
  "max_clicks",
  "password",
  "title",
  "tags",
];
const MORE = ["rules", "links", "revision", "disabled", "blocked", "email", "code", "__proto__"];

const urlish = fc.oneof(
  fc.webUrl({ withFragments: true, withQueryParameters: true }),
  nasty.map((text) => `https://example.com/${text}`),
  nasty.map((text) => `https://${text}.example/`),
  nasty,
);
/** Bodies of the right shape, so that what lies behind the door is met too. */
const shaped = fc.record(
  {
    url: urlish,
    redirect: fc.constantFrom(301, 302, 307, 308),
    expires_in: fc.constantFrom(1, 60, 315_360_000),
    max_clicks: fc.constantFrom(1, 1_000_000_000),
    title: fc.string({ unit: "grapheme", minLength: 1, maxLength: 200 }),
    tags: fc.array(fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }), { maxLength: 3 }),
    custom_hash: fc.string({ unit: "grapheme", minLength: 3, maxLength: 20 }),
    rules: fc.array(fc.record({ percent: fc.integer({ min: 1, max: 100 }), url: urlish }), { maxLength: 3 }),
  },
  { requiredKeys: [] },
);

/** As it would stand on a request line: encoded, or left broken where it cannot be. */
const safeEncode = (text: string) => {
  try {
    return encodeURIComponent(text);
  } catch {
    return "%ED%A0%80";
  }
};

/** Requests of every wrong shape, and of right shapes with wrong contents; `codes` name links that exist. */
export const hostileRequests = (codes: readonly string[]) =>
  fc.record({
    params: fc.record({
      hash: fc.oneof(
        fc.constantFrom(...codes),
        nasty.map((text) => safeEncode(text)),
      ),
    }),
    query: fc.dictionary(
      fc.constantFrom("limit", "cursor", "url", "days", "format", "size", "domain", "x"),
      nasty,
      {
        maxKeys: 4,
      },
    ),
    body: fc.oneof(
      { weight: 4, arbitrary: shaped },
      shaped.map((link) => ({ links: [link] })),
      shaped.map(({ custom_hash: _, ...patch }) => ({ ...patch, disabled: false })),
      fc.record({ redirect: fc.constantFrom(301, 302), disabled: fc.boolean() }), // an edit that is in order
      known([...KEYS, ...MORE]),
      json,
      fc.constantFrom("{", '{"url":', "\uFEFF{}", "[]", "null", "x".repeat(2_000_000)),
    ),
    headers: fc.dictionary(
      fc.constantFrom(
        "content-type",
        "accept",
        "accept-language",
        "user-agent",
        "referer",
        "cookie",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-proto",
        "cloudfront-viewer-country",
        "host",
        "authorization",
      ),
      fc.oneof(
        nasty,
        fc.constantFrom(
          "application/json",
          "text/html",
          "application/x-www-form-urlencoded",
          "multipart/form-data",
        ),
      ),
      { maxKeys: 5 },
    ),
  });
