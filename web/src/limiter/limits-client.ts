import { limitsApi } from "#core/limits/api.schema.ts";
import type { NewRule } from "#core/limits/rule.schema.ts";
import { call } from "../api/call.ts";
import { type Failure, failureText } from "../api/failure.ts";
import type { Outcome } from "../api/send.ts";
import { createStore } from "../ui/store.ts";

const changes = createStore(0);
/** Counts up with each change of the own rules. */
export const useRuleChanges = (): number => changes.use();
/** Tells whoever shows rules that they have changed. */
export const noteRuleChange = (): void => changes.set(changes.get() + 1);

type Key = Outcome<typeof limitsApi.apiKey>;
let keyOf: { readonly owner: string; readonly key: Promise<Key> } | undefined;

const askKey = async (): Promise<Key> => {
  const outcome = await call(limitsApi.apiKey, {});
  if (!outcome.ok) keyOf = undefined;
  return outcome;
};

/** The usage plan's key, asked once by each who signs in. */
const apiKeyOf = (owner: string): Promise<Key> => {
  if (keyOf?.owner !== owner) keyOf = { owner, key: askKey() };
  return keyOf.key;
};

interface CheckBody {
  readonly rule: string;
  readonly key: string;
  readonly cost?: number;
}
type Checked = Outcome<typeof limitsApi.check>;

const withoutKey = (failure: Failure): Failure => ({
  ...failure,
  title: "No API key to check with",
  detail: `The page asked for the usage plan's key and got none: ${failureText(failure)} Try once more.`,
});

const refusedKey = (failure: Failure): Failure => ({
  ...failure,
  title: "The API key was refused",
  detail: "The next check asks for a new one: try once more.",
});

/** One decision by one of the own rules. */
export const check = async (owner: string, body: CheckBody, signal?: AbortSignal): Promise<Checked> => {
  const key = await apiKeyOf(owner);
  if (!key.ok) return { ...key, failure: withoutKey(key.failure) };
  const outcome = await call(limitsApi.check, {
    body,
    headers: { "x-api-key": key.data.api_key },
    ...(signal ? { signal } : {}),
  });
  if (outcome.ok || outcome.failure.status !== 403) return outcome;
  // API Gateway does not take the key, another may be given out by now: the next check asks for it.
  keyOf = undefined;
  return { ...outcome, failure: refusedKey(outcome.failure) };
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
