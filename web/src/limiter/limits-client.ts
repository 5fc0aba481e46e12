import { limitsApi } from "#core/limits/api.schema.ts";
import type { NewRule } from "#core/limits/rule.schema.ts";
import { call } from "../api/call.ts";
import type { Outcome } from "../api/send.ts";
import { createStore } from "../ui/store.ts";

const changes = createStore(0);
/** Counts up with each change of the own rules. */
export const useRuleChanges = (): number => changes.use();
/** Tells whoever shows rules that they have changed. */
export const noteRuleChange = (): void => changes.set(changes.get() + 1);

let keyOf: { readonly owner: string; readonly key: Promise<string | undefined> } | undefined;

const askKey = async (): Promise<string | undefined> => {
  const outcome = await call(limitsApi.apiKey, {});
  if (!outcome.ok) keyOf = undefined;
  return outcome.ok ? outcome.data.api_key : undefined;
};

/** The usage plan's key, asked once by each who signs in. */
export const apiKeyOf = (owner: string): Promise<string | undefined> => {
  if (keyOf?.owner !== owner) keyOf = { owner, key: askKey() };
  return keyOf.key;
};

interface CheckBody {
  readonly rule: string;
  readonly key: string;
  readonly cost?: number;
}
type Checked = Outcome<typeof limitsApi.check>;

/** One decision by one of the own rules. */
export const check = async (owner: string, body: CheckBody, signal?: AbortSignal): Promise<Checked> => {
  const key = await apiKeyOf(owner);
  return call(limitsApi.check, {
    body,
    headers: key === undefined ? {} : { "x-api-key": key },
    ...(signal ? { signal } : {}),
  });
};

/** Makes or changes one of the own rules. */
export const define = async (
  body: NewRule,
  signal?: AbortSignal,
): Promise<Outcome<typeof limitsApi.define>> => {
  const outcome = await call(limitsApi.define, { query: {}, body, ...(signal ? { signal } : {}) });
  if (outcome.ok) noteRuleChange();
  return outcome;
};

/** Deletes one of the own rules. */
export const drop = async (name: string): Promise<Outcome<typeof limitsApi.drop>> => {
  const outcome = await call(limitsApi.drop, { params: { name }, query: {} });
  noteRuleChange();
  return outcome;
};
