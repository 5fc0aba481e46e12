import { useState } from "react";
import type { strategies } from "#core/cache/api.schema.ts";
import type { Failure } from "../api/failure.ts";
import { spaceOf } from "./cache-client.ts";
import type { Step } from "./entry-steps.tsx";

/** An entry, and how it is written and read. */
export interface Draft {
  readonly namespace: string;
  readonly key: string;
  readonly value: string;
  readonly ttl: string;
  readonly tags: string;
  readonly grace: string;
  readonly strategy: "" | (typeof strategies)[number];
  readonly consistency: "eventual" | "strong";
  readonly origin: boolean;
}

let next = 1;

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text; // what is no JSON is a text
  }
};

/** Puts, gets and deletes what the draft says, and keeps what came. */
export const useSteps = (draft: Draft) => {
  const [steps, setSteps] = useState<readonly Step[]>([]);
  const [failure, setFailure] = useState<Failure>();
  const [busy, setBusy] = useState("");
  const space = spaceOf(draft.namespace);
  const note = (
    what: string,
    outcome: { ok: boolean; status?: number; failure?: Failure; ms: number },
    more: Partial<Step>,
  ) => {
    // Not found is an answer here, not a failure.
    setFailure(outcome.failure?.status === 404 ? undefined : outcome.failure);
    const status = outcome.status ?? outcome.failure?.status ?? 0;
    const step = { id: next++, what: `${what} ${draft.key}`, status, wholeMs: outcome.ms, ...more };
    setSteps((before) => [step, ...before].slice(0, 8));
  };
  const tags = draft.tags.split(",").flatMap((tag) => tag.trim() || []);
  const works = {
    PUT: async () => {
      const { ttl, grace, strategy, value } = draft;
      const body = { value: parsed(value), ttl: Number(ttl), grace: Number(grace), tags };
      const outcome = await space.put(draft.key, { ...body, ...(strategy && { strategy }) });
      note("PUT", outcome, outcome.ok ? { version: outcome.data.version } : {});
    },
    GET: async () => {
      const outcome = await space.get(draft.key, {
        consistency: draft.consistency,
        ...(draft.origin && { origin: "records" as const, ttl: draft.ttl, grace: draft.grace }),
      });
      if (!outcome.ok) return note("GET", outcome, {});
      const { tier, fresh, version, took_ms, value } = outcome.data;
      note("GET", outcome, { tier, fresh, version, tookMs: took_ms, value: JSON.stringify(value) });
    },
    DELETE: async () => note("DELETE", await space.remove(draft.key), {}),
  } as const;
  const work = async (name: keyof typeof works) => {
    setBusy(name);
    await works[name]();
    setBusy("");
  };
  return { steps, failure, busy, work };
};
