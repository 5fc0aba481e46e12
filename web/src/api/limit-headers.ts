import type { Operation } from "#core/kit/api.schema.ts";
import { createStore } from "../ui/store.ts";

/** What one answer said of the limits that guard it: the headers as they came. */
export interface LimitAnswer {
  readonly id: number;
  readonly what: string;
  readonly status: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly policy: string | undefined;
  readonly limit: string | undefined;
  readonly retryAfter: string | undefined;
}

const kept = 6;
const store = createStore<readonly LimitAnswer[]>([]);
let next = 1;

/** Reads the headers of draft-ietf-httpapi-ratelimit-headers, and Retry-After, as they came. */
export const limitHeaders = (headers: Headers): Pick<LimitAnswer, "policy" | "limit" | "retryAfter"> => ({
  policy: headers.get("ratelimit-policy") ?? undefined,
  limit: headers.get("ratelimit") ?? undefined,
  retryAfter: headers.get("retry-after") ?? undefined,
});

/** Keeps the last answers that told of a limit. */
export const noteLimits = (operation: Pick<Operation, "method" | "path">, response: Response): void => {
  const told = limitHeaders(response.headers);
  if (told.limit === undefined && told.policy === undefined && response.status !== 429) return;
  const what = `${operation.method} ${operation.path}`;
  const answer = { id: next++, what, status: response.status, at: Date.now(), ...told };
  store.set([answer, ...store.get()].slice(0, kept));
};

/** The last answers, newest first. */
export const useLimitAnswers = (): readonly LimitAnswer[] => store.use();
