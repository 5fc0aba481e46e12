import * as v from "valibot";

/** Bounds of a link; the one place they are written. */
export const limits = {
  urlBytes: 8_192,
  codeLength: { min: 3, max: 64 },
  generatedLength: 7,
  titleLength: 200,
  tags: 20,
  tagLength: 40,
  rules: 20,
  bulk: 100,
  /** Ten years, in seconds. */
  expiresIn: 315_360_000,
  pageSize: 100,
  maxClicks: 1_000_000_000,
} as const;

const trimmed = (max: number) => v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(max));

/** What the visitor typed; `destination.ts` makes it canonical and refuses unsafe ones. */
export const UrlText = v.pipe(
  v.string(),
  v.trim(),
  v.minLength(1, "Give a URL"),
  v.maxLength(limits.urlBytes),
);

/**
 * A code as a person writes it: letters, digits, `-` and `_` of any script, Unicode NFC. Letters and marks that show
 * nothing (Hangul fillers, variation selectors) are none: `abc` followed by one would pass for `abc`.
 */
export const Code = v.pipe(
  v.string(),
  v.normalize("NFC"),
  v.regex(
    /^(?:(?!\p{Default_Ignorable_Code_Point})[\p{L}\p{N}\p{M}_-])+$/u,
    "Use letters, digits, - and _ only",
  ),
  v.minLength(limits.codeLength.min),
  v.maxLength(limits.codeLength.max),
);

/** ISO 3166-1 alpha-2. */
const Country = v.pipe(v.string(), v.toUpperCase(), v.regex(/^[A-Z]{2}$/, "Use a two-letter country code"));

/** BCP 47 primary language. */
const Language = v.pipe(
  v.string(),
  v.toLowerCase(),
  v.regex(/^[a-z]{2,3}$/, "Use a language code such as en"),
);

export const Device = v.picklist(["desktop", "mobile", "tablet"]);
export type Device = v.InferOutput<typeof Device>;

/** The first rule whose every condition holds decides; none: the link's own URL. */
export const LinkRule = v.pipe(
  v.strictObject({
    countries: v.optional(v.pipe(v.array(Country), v.minLength(1), v.maxLength(250))),
    devices: v.optional(v.pipe(v.array(Device), v.minLength(1), v.maxLength(Device.options.length))),
    languages: v.optional(v.pipe(v.array(Language), v.minLength(1), v.maxLength(100))),
    /** Share of visitors, 1–100 %; the same visitor always falls on the same side. */
    percent: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100))),
    url: UrlText,
  }),
  v.check(
    (rule) => Boolean(rule.countries ?? rule.devices ?? rule.languages ?? rule.percent),
    "Give a rule at least one condition",
  ),
);
export type LinkRule = v.InferOutput<typeof LinkRule>;

const RedirectStatus = v.picklist([301, 302, 307, 308]);

// Each setting once: creation may leave it out, an edit may also take it away.
const RedirectChoice = v.optional(RedirectStatus);
/** Seconds from now. */
const ExpiresIn = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(limits.expiresIn));
/** The link answers 410 after this many redirects. */
const MaxClicks = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(limits.maxClicks));
const Password = v.pipe(v.string(), v.minLength(4), v.maxLength(128));
const Title = trimmed(limits.titleLength);
const Tags = v.optional(v.pipe(v.array(trimmed(limits.tagLength)), v.maxLength(limits.tags)));
const Rules = v.optional(v.pipe(v.array(LinkRule), v.maxLength(limits.rules)));

/** Body of `POST /api/v1/shorten`. */
export const NewLink = v.strictObject({
  url: UrlText,
  redirect: RedirectChoice,
  expires_in: v.optional(ExpiresIn),
  max_clicks: v.optional(MaxClicks),
  password: v.optional(Password),
  title: v.optional(Title),
  tags: Tags,
  rules: Rules,
  custom_hash: v.optional(Code),
  /** One of the short domains; default: the host that was asked. */
  domain: v.optional(v.pipe(v.string(), v.toLowerCase(), v.maxLength(253))),
});
export type NewLink = v.InferOutput<typeof NewLink>;

/** Body of `PATCH /api/v1/links/{hash}`; `null` takes a setting away. `revision` guards against lost updates. */
export const LinkPatch = v.strictObject({
  url: v.optional(UrlText),
  redirect: RedirectChoice,
  expires_in: v.nullish(ExpiresIn),
  max_clicks: v.nullish(MaxClicks),
  password: v.nullish(Password),
  title: v.nullish(Title),
  tags: Tags,
  rules: Rules,
  disabled: v.optional(v.boolean()),
  /** Moderation: takes the link down with 451. For the group `admins` only, on any link. */
  blocked: v.optional(v.boolean()),
  revision: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
});
export type LinkPatch = v.InferOutput<typeof LinkPatch>;

/** What the page behind a link says of itself; fetched after creation. */
export const LinkPreview = v.object({
  title: v.optional(v.string()),
  description: v.optional(v.string()),
  image: v.optional(v.string()),
});
export type LinkPreview = v.InferOutput<typeof LinkPreview>;

/** A link as the API shows it. Times are RFC 3339. */
export const Link = v.object({
  id: v.string(),
  hash: v.string(),
  domain: v.string(),
  short_url: v.string(),
  url: v.string(),
  redirect: RedirectStatus,
  created_at: v.string(),
  updated_at: v.string(),
  expires_at: v.nullable(v.string()),
  max_clicks: v.nullable(v.number()),
  has_password: v.boolean(),
  disabled: v.boolean(),
  blocked: v.boolean(),
  title: v.nullable(v.string()),
  tags: v.array(v.string()),
  rules: v.array(LinkRule),
  preview: v.nullable(LinkPreview),
  /** The host mixes scripts that are easily mistaken for one another (UTS 39). */
  lookalike: v.boolean(),
  revision: v.number(),
});
export type Link = v.InferOutput<typeof Link>;

/** Page of a list. `cursor` is opaque; null on the last page. */
export const LinkPage = v.object({ links: v.array(Link), cursor: v.nullable(v.string()) });
export type LinkPage = v.InferOutput<typeof LinkPage>;

/** Body and answer of `POST /api/v1/links/bulk`: one outcome for each link, in order. */
export const BulkLinks = v.strictObject({
  links: v.pipe(v.array(v.unknown()), v.minLength(1), v.maxLength(limits.bulk)),
});
export const BulkOutcome = v.object({
  status: v.number(),
  link: v.optional(Link),
  problem: v.optional(v.looseObject({ type: v.string(), title: v.string(), status: v.number() })),
});
export const BulkOutcomes = v.object({ outcomes: v.array(BulkOutcome) });

const Count = v.pipe(v.number(), v.integer());

/** Clicks of a link. People only, but for `bots`. */
export const LinkStats = v.object({
  hash: v.string(),
  clicks: Count,
  bots: Count,
  days: v.array(v.object({ day: v.string(), clicks: Count, bots: Count })),
  countries: v.array(v.object({ country: v.string(), clicks: Count })),
  referrers: v.array(v.object({ referrer: v.string(), clicks: Count })),
  devices: v.array(v.object({ device: Device, clicks: Count })),
  last_click_at: v.nullable(v.string()),
  /** More clicks came in since the last roll-up than one answer reads: the counts are lower bounds until the next. */
  partial: v.boolean(),
});
export type LinkStats = v.InferOutput<typeof LinkStats>;
