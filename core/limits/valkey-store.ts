import slotOf from "cluster-key-slot";
import { connectValkey, type Valkey, type ValkeyClient } from "#core/kit/valkey.ts";
import type { Decision, Take } from "./decision.schema.ts";
import type { LimitStore } from "./store.ts";
import { assertTakes } from "./takes.ts";
import { keyOf, type Op, type Place, type Placed, run, type Told } from "./valkey-call.ts";
import { takeOne } from "./valkey-one.ts";

/** How a store uses its servers. */
export interface ValkeyStoreHow {
  /** `server`: the time of the server that holds the key, so that callers' clocks may differ. `caller`: what they say. */
  readonly clock?: "server" | "caller";
  /** Before every key. */
  readonly prefix?: string;
  /** Index of the client that keeps a key, where there are several single servers: a ring. */
  readonly route?: (key: string) => number;
}

/**
 * Counts on Valkey. One round trip for a decision whose levels are in one place: always on a single server. Errors are thrown
 * as they come, within the second the connection allows; a take whose answer was lost may have been counted, and is not
 * repeated.
 *
 * Levels in several places (slots of a cluster, servers of a ring): the last named, which is the narrowest, is asked first; if
 * it allows, all others at once: two round trips however many they are. If one of them denies, what the others took is taken
 * back by receipt, exactly, in a third. So never is more admitted than the limits, and a denial leaves nothing taken. But it
 * is no transaction: for about one round trip units of a decision that is about to be denied are held, and another caller may
 * be denied for their sake. A process or a server that dies in between leaves at most the cost taken, until it leaks.
 */
export const valkeyStore = (
  connect: () => Promise<Valkey> | Valkey = connectValkey,
  { clock = "server", prefix = "limit:", route }: ValkeyStoreHow = {},
): LimitStore => {
  const time = (now: number) => (clock === "server" ? "" : String(now));

  const clientOf = ({ clients }: Valkey, key: string): readonly [ValkeyClient, number] => {
    if (clients.length > 1 && !route)
      throw new Error("Several servers of Valkey need a route from key to server");
    const index = clients.length > 1 && route ? route(key) : 0;
    const client = clients[index];
    if (!client) throw new Error(`There is no server ${index} of Valkey`);
    return [client, index];
  };
  /** Narrowest first. */
  const placesOf = (valkey: Valkey, takes: readonly Take[]): readonly Place[] => {
    const places = new Map<number, { client: ValkeyClient; levels: Placed[] }>();
    for (const [back, take] of takes.toReversed().entries()) {
      const key = keyOf(prefix, take);
      const [client, server] = clientOf(valkey, key);
      const where = valkey.mode === "cluster" && takes.length > 1 ? slotOf(key) : server;
      const place = places.get(where) ?? { client, levels: [] };
      place.levels.push({ index: takes.length - 1 - back, take, key });
      places.set(where, place);
    }
    return [...places.values()];
  };
  const one = async (take: Take, op: Op, now: number): Promise<Decision> => {
    assertTakes([take]);
    const [place] = placesOf(await connect(), [take]);
    const [told] = place ? await run(place, op, time(now)) : [];
    if (!told) throw new Error("Valkey answered nothing");
    return told.decision;
  };

  return {
    name: "valkey",
    take: async (takes, now) => {
      assertTakes(takes);
      const valkey = await connect();
      const [only] = takes;
      if (only && takes.length === 1) {
        const key = keyOf(prefix, only);
        return [await takeOne(clientOf(valkey, key)[0], key, only, time(now))];
      }
      const places = placesOf(valkey, takes);
      return inOrder(await takeAll(places, time(now)), takes.length);
    },
    peek: (take, now) => one(take, "peek", now),
    refund: async (take, now) => void (await one(take, "refund", now)),
    reset: async (take) => {
      const key = keyOf(prefix, take);
      const [client] = clientOf(await connect(), key);
      await client.del(key);
    },
  };
};

type Answers = ReadonlyMap<Place, readonly Told[]>;
const allowed = (told: readonly Told[]) => told.every(({ decision }) => decision.allowed);

const takeAll = async (places: readonly Place[], time: string): Promise<Answers> => {
  const answers = new Map<Place, readonly Told[]>();
  const [narrow, ...others] = places;
  if (!narrow) return answers;
  const first = await run(narrow, "take", time);
  answers.set(narrow, first);
  if (others.length === 0) return answers;
  if (!allowed(first)) {
    await Promise.all(others.map(async (place) => answers.set(place, await run(place, "look", time))));
    return answers;
  }
  const outcomes = await Promise.allSettled(others.map((place) => run(place, "take", time)));
  for (const [n, place] of others.entries()) {
    const outcome = outcomes[n];
    if (outcome?.status === "fulfilled") answers.set(place, outcome.value);
  }
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (failed || ![...answers.values()].every(allowed)) await takeBack(answers, time);
  if (failed) throw failed.reason;
  return answers;
};

/** Undoes what was taken where all allowed. Where that fails, the units leak in their time: the denial stands. */
const takeBack = (answers: Map<Place, readonly Told[]>, time: string) =>
  Promise.allSettled(
    [...answers].map(async ([place, told]) => {
      if (!allowed(told)) return;
      const receipts = told.map(({ receipt }) => receipt);
      const after = await run(place, "undo", time, receipts);
      // they would have allowed: say so, with what remains
      answers.set(
        place,
        after.map(({ decision, receipt }) => ({
          decision: { ...decision, allowed: true, retryAfterMs: 0 },
          receipt,
        })),
      );
    }),
  );

const inOrder = (answers: Answers, length: number): readonly Decision[] => {
  const decisions = new Map<number, Decision>();
  for (const [place, told] of answers)
    for (const [n, { index }] of place.levels.entries()) {
      const decision = told[n]?.decision;
      if (decision) decisions.set(index, decision);
    }
  return Array.from({ length }, (_, index) => {
    const decision = decisions.get(index);
    if (!decision) throw new Error("A level was not decided");
    return decision;
  });
};
