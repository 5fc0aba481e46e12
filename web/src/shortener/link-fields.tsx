import { limits } from "#core/shortener/link.schema.ts";
import { Choices, SelectField, TextField } from "../ui/field.tsx";
import type { Draft, Expiry } from "./draft.ts";
import { RulesEditor } from "./rules-editor.tsx";

/** What every part of the form gets: the draft, how to change it, and the server's words by JSON pointer. */
export interface FormPart {
  readonly draft: Draft;
  readonly change: (part: Partial<Draft>) => void;
  readonly errors: Readonly<Record<string, string>>;
}

const expiries: readonly (readonly [Expiry, string])[] = [
  ["never", "Never"],
  ["60", "60 seconds"],
  ["3600", "1 hour"],
  ["86400", "1 day"],
  ["604800", "1 week"],
  ["custom", "Other"],
];

/** An edit can leave the end as it is; where that is none, there is nothing to take away. */
const optionsWith = (keep: string | null | undefined): typeof expiries => {
  if (keep === undefined) return expiries;
  if (keep === null) return [["keep", "Never"], ...expiries.slice(1)];
  return [["keep", `As it is: ${keep}`], ...expiries];
};

/** When the link ends by itself. */
export const ExpiryField = ({ draft, change, errors, keep }: FormPart & { keep?: string | null }) => (
  <div className="stack tight">
    <Choices
      legend="Expires"
      name="expiry"
      value={draft.expiry}
      options={optionsWith(keep)}
      onChange={(expiry) => change({ expiry })}
    />
    {(draft.expiry === "custom" || errors["/expires_in"]) && (
      <TextField
        label="Seconds from now"
        inputMode="numeric"
        value={draft.seconds}
        onChange={(event) => change({ seconds: event.target.value })}
        error={errors["/expires_in"]}
      />
    )}
  </div>
);

/** Title and tags: for the owner's eyes. */
export const LabelFields = ({ draft, change, errors }: FormPart) => (
  <>
    <TextField
      label="Title"
      optional
      maxLength={limits.titleLength}
      value={draft.title}
      onChange={(event) => change({ title: event.target.value })}
      error={errors["/title"]}
    />
    <TextField
      label="Tags"
      optional
      hint="Separated by commas"
      value={draft.tags}
      onChange={(event) => change({ tags: event.target.value })}
      error={errors["/tags"]}
    />
  </>
);

/** Click limit and password: who gets through, and how often. */
export const GuardFields = ({ draft, change, errors }: FormPart) => (
  <>
    <TextField
      label="Most clicks"
      optional
      inputMode="numeric"
      hint="After this many redirects it answers 410"
      value={draft.maxClicks}
      onChange={(event) => change({ maxClicks: event.target.value })}
      error={errors["/max_clicks"]}
    />
    <TextField
      label="Password"
      optional
      type="password"
      autoComplete="new-password"
      hint="Visitors are asked for it"
      value={draft.password}
      onChange={(event) => change({ password: event.target.value })}
      error={errors["/password"]}
    />
  </>
);

/** The status a redirect is answered with. */
export const RedirectField = ({ draft, change, errors }: FormPart) => (
  <SelectField
    label="Redirect"
    value={draft.redirect}
    onChange={(event) => change({ redirect: event.target.value })}
    error={errors["/redirect"]}
  >
    <option value="">As the service has it</option>
    <option value="301">301 moved permanently</option>
    <option value="302">302 found</option>
    <option value="307">307 temporary, method kept</option>
    <option value="308">308 permanent, method kept</option>
  </SelectField>
);

/** Every optional setting of a link but its code and its expiry. */
export const MoreFields = (part: FormPart) => (
  <>
    <div className="form-grid">
      <LabelFields {...part} />
      <GuardFields {...part} />
      <RedirectField {...part} />
    </div>
    <RulesEditor {...part} />
  </>
);
