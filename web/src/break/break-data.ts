import * as v from "valibot";
import type { Failure } from "../api/failure.ts";
import { act, read } from "../console/client.ts";
import { createStore } from "../ui/store.ts";

const Running = v.object({
  id: v.string(),
  on: v.object({
    function: v.optional(v.union([v.string(), v.array(v.string())])),
    target: v.optional(v.union([v.string(), v.array(v.string())])),
    service: v.optional(v.union([v.string(), v.array(v.string())])),
    operation: v.optional(v.union([v.string(), v.array(v.string())])),
  }),
  when: v.object({ probability: v.optional(v.number()), times: v.optional(v.number()) }),
  fault: v.looseObject({ kind: v.string() }),
  seen: v.number(),
  injected: v.number(),
});
/** A rule at work, and what it has done. */
export type Running = v.InferOutput<typeof Running>;

/** Whether a rule has struck as often as it was to: it stays listed, and harms nobody. */
export const isOver = ({ when: { times }, injected }: Running): boolean =>
  times !== undefined && injected >= times;

const Faults = v.object({
  seed: v.string(),
  rules: v.array(Running),
  log: v.array(v.looseObject({ rule: v.string() })),
});
/** Faults as the local cloud tells of them; `absent` where it does not answer. */
export type FaultState = v.InferOutput<typeof Faults> | "absent" | undefined;

const state = createStore<FaultState>(undefined);

/** What is broken now; undefined until it is known. */
export const useFaults = (): FaultState => state.use();

/** Asks what is broken now. */
export const refresh = async (): Promise<void> => {
  const answer = await read(Faults, "faults", {});
  state.set(answer.ok ? answer.data : "absent");
};

const done = async (path: string, input: object): Promise<Failure | undefined> => {
  const answer = await act(path, input);
  await refresh();
  return answer.ok ? undefined : answer.failure;
};

/** Breaks something; resolves with why it could not be. */
export const breakIt = (rule: object): Promise<Failure | undefined> => done("faults", rule);
/** Ends one fault. */
export const stop = (id: string): Promise<Failure | undefined> => done("faults/remove", { id });
/** Ends every fault. */
export const healAll = (): Promise<Failure | undefined> => done("faults/clear", {});
