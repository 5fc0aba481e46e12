import { Device, limits } from "#core/shortener/link.schema.ts";
import { Button } from "../ui/button.tsx";
import { TextField } from "../ui/field.tsx";
import { Icon } from "../ui/icon.tsx";
import { newRule, type RuleDraft } from "./draft.ts";
import type { FormPart } from "./link-fields.tsx";

interface RuleProps {
  readonly rule: RuleDraft;
  readonly at: number;
  readonly errors: FormPart["errors"];
  readonly change: (part: Partial<RuleDraft>) => void;
}

/** The first message at `pointer` or anywhere below it (`/rules/0/countries/1`). */
const below = (errors: FormPart["errors"], pointer: string) =>
  Object.entries(errors).find(([key]) => key === pointer || key.startsWith(`${pointer}/`))?.[1];

const DeviceField = ({ rule, change }: Pick<RuleProps, "rule" | "change">) => (
  <fieldset className="field">
    <legend className="field-label">
      Devices <em className="quiet">any when none is chosen</em>
    </legend>
    <div className="choices">
      {Device.options.map((device) => (
        <label className="choice" key={device}>
          <input
            type="checkbox"
            checked={rule.devices.includes(device)}
            onChange={(event) =>
              change({
                devices: event.target.checked
                  ? [...rule.devices, device]
                  : rule.devices.filter((other) => other !== device),
              })
            }
          />
          <span>{device}</span>
        </label>
      ))}
    </div>
  </fieldset>
);

const RuleFields = ({ rule, at, errors, change }: RuleProps) => (
  <div className="form-grid">
    <TextField
      label="Countries"
      hint="Two letters each: DE, AT, CH"
      value={rule.countries}
      onChange={(event) => change({ countries: event.target.value })}
      error={below(errors, `/rules/${at}/countries`)}
    />
    <TextField
      label="Languages"
      hint="Such as en, de"
      value={rule.languages}
      onChange={(event) => change({ languages: event.target.value })}
      error={below(errors, `/rules/${at}/languages`)}
    />
    <DeviceField rule={rule} change={change} />
    <TextField
      label="Share of visitors, %"
      hint="For an A/B split; each visitor stays on one side"
      inputMode="numeric"
      value={rule.percent}
      onChange={(event) => change({ percent: event.target.value })}
      error={errors[`/rules/${at}/percent`]}
    />
    <TextField
      label="Leads to"
      type="url"
      value={rule.url}
      onChange={(event) => change({ url: event.target.value })}
      error={errors[`/rules/${at}/url`] ?? errors[`/rules/${at}`]}
    />
  </div>
);

/** Rules: the first whose every condition holds decides where a visitor goes. */
export const RulesEditor = ({ draft, change, errors }: FormPart) => {
  const set = (rules: readonly RuleDraft[]) => change({ rules });
  return (
    <div className="stack tight">
      {draft.rules.map((rule, at) => (
        <fieldset key={rule.key} className="rule">
          <legend className="field-label">Rule {at + 1}</legend>
          <RuleFields
            rule={rule}
            at={at}
            errors={errors}
            change={(part) =>
              set(draft.rules.map((other) => (other === rule ? { ...rule, ...part } : other)))
            }
          />
          <Button look="plain" onClick={() => set(draft.rules.filter((other) => other !== rule))}>
            <Icon name="trash" size={14} /> Remove rule {at + 1}
          </Button>
        </fieldset>
      ))}
      {draft.rules.length < limits.rules && (
        <div>
          <Button onClick={() => set([...draft.rules, newRule()])}>
            <Icon name="plus" size={14} /> Add a rule
          </Button>
          <span className="field-hint rule-hint">
            Other destinations by country, device, language or share
          </span>
        </div>
      )}
    </div>
  );
};
