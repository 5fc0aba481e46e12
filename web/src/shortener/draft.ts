import type * as v from "valibot";
import type { Device, Link, LinkPatch, LinkRule, NewLink } from "#core/shortener/link.schema.ts";

/** A rule as it is typed. */
export interface RuleDraft {
  /** Key of the row while it is edited; never sent. */
  readonly key: number;
  readonly countries: string;
  readonly devices: readonly Device[];
  readonly languages: string;
  readonly percent: string;
  readonly url: string;
}

/** The choices of expiry, seconds among them; `keep` leaves it as it is. */
export type Expiry = "keep" | "never" | "60" | "3600" | "86400" | "604800" | "custom";

/** A link as it is typed: text everywhere, judged by the server alone. */
export interface Draft {
  readonly url: string;
  readonly code: string;
  readonly expiry: Expiry;
  readonly seconds: string;
  readonly maxClicks: string;
  readonly password: string;
  readonly title: string;
  readonly tags: string;
  readonly redirect: string;
  readonly rules: readonly RuleDraft[];
}

/** Nothing typed yet. */
export const emptyDraft: Draft = {
  url: "",
  code: "",
  expiry: "never",
  seconds: "",
  maxClicks: "",
  password: "",
  title: "",
  tags: "",
  redirect: "",
  rules: [],
};

let lastKey = 0;

/** A rule with nothing in it. */
export const newRule = (): RuleDraft => {
  lastKey += 1;
  return { key: lastKey, countries: "", devices: [], languages: "", percent: "", url: "" };
};

/** What is stored, as it would be typed. A password is never shown: empty keeps it. */
export const toDraft = (link: Link): Draft => ({
  ...emptyDraft,
  url: link.url,
  expiry: "keep",
  maxClicks: link.max_clicks === null ? "" : String(link.max_clicks),
  title: link.title ?? "",
  tags: link.tags.join(", "),
  redirect: String(link.redirect),
  rules: link.rules.map((rule) => ({
    ...newRule(),
    countries: (rule.countries ?? []).join(", "),
    devices: rule.devices ?? [],
    languages: (rule.languages ?? []).join(", "),
    percent: rule.percent === undefined ? "" : String(rule.percent),
    url: rule.url,
  })),
});

const words = (text: string) =>
  text
    .split(/[,\s]+/)
    .map((word) => word.trim())
    .filter((word) => word !== "");

const listOf = (text: string) =>
  text
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");

const toRule = (draft: RuleDraft): LinkRule => ({
  ...(words(draft.countries).length > 0 ? { countries: words(draft.countries) } : {}),
  ...(draft.devices.length > 0 ? { devices: [...draft.devices] } : {}),
  ...(words(draft.languages).length > 0 ? { languages: words(draft.languages) } : {}),
  ...(draft.percent === "" ? {} : { percent: Number(draft.percent) }),
  url: draft.url,
});

const secondsOf = (draft: Draft): number | undefined => {
  if (draft.expiry === "keep" || draft.expiry === "never") return undefined;
  return Number(draft.expiry === "custom" ? draft.seconds : draft.expiry);
};

type Redirect = NonNullable<NewLink["redirect"]>;
const redirectOf = (draft: Draft) =>
  draft.redirect === "" ? {} : { redirect: Number(draft.redirect) as Redirect };

/** Body of a creation: only what was filled in. */
export const toNewLink = (draft: Draft): v.InferInput<typeof NewLink> => {
  const seconds = secondsOf(draft);
  return {
    url: draft.url,
    ...redirectOf(draft),
    ...(draft.code === "" ? {} : { custom_hash: draft.code }),
    ...(seconds === undefined ? {} : { expires_in: seconds }),
    ...(draft.maxClicks === "" ? {} : { max_clicks: Number(draft.maxClicks) }),
    ...(draft.password === "" ? {} : { password: draft.password }),
    ...(draft.title.trim() === "" ? {} : { title: draft.title }),
    ...(listOf(draft.tags).length === 0 ? {} : { tags: listOf(draft.tags) }),
    ...(draft.rules.length === 0 ? {} : { rules: draft.rules.map(toRule) }),
  };
};

/** Body of an edit, guarded by the revision that was read: emptied fields are taken away. */
export const toPatch = (draft: Draft, link: Link, dropPassword: boolean): v.InferInput<typeof LinkPatch> => {
  const seconds = secondsOf(draft);
  return {
    revision: link.revision,
    url: draft.url,
    ...redirectOf(draft),
    ...(draft.expiry === "never" ? { expires_in: null } : {}),
    ...(seconds === undefined ? {} : { expires_in: seconds }),
    max_clicks: draft.maxClicks === "" ? null : Number(draft.maxClicks),
    ...(dropPassword ? { password: null } : {}),
    ...(draft.password === "" ? {} : { password: draft.password }),
    title: draft.title.trim() === "" ? null : draft.title,
    tags: listOf(draft.tags),
    rules: draft.rules.map(toRule),
  };
};
