import type { LambdaLimits } from "./types.ts";

/** A function's pool, as far as sharing the machine goes. */
export interface Member {
  environments(): number;
  /** When its longest unused environment was last used; undefined when none is idle. */
  idleSince(): number | undefined;
  /** Ends that environment. */
  evict(): void;
  /** Room has come free: start what is waiting. */
  pump(): void;
}

/** Shares threads among all functions, so that a burst on one does not exhaust the machine. */
export interface Governor {
  join(member: Member): void;
  /** Takes a place for one more environment of `member`; false when it has to wait for `pump`. */
  tryStart(member: Member): boolean;
  /** Takes a place without asking: the environment replaces one that is ending. */
  take(): void;
  /** The environment runs, or failed to: another may start. */
  started(): void;
  /** An environment's place is free again. */
  ended(): void;
}

/** Ends the environment unused for longest; false when none is idle. */
const evictOldest = (members: readonly Member[]): boolean => {
  let oldest: { member: Member; since: number } | undefined;
  for (const member of members) {
    const since = member.idleSince();
    if (since !== undefined && (!oldest || since < oldest.since)) oldest = { member, since };
  }
  oldest?.member.evict();
  return oldest !== undefined;
};

/** One governor per host. */
export const createGovernor = (limits: LambdaLimits): Governor => {
  const members: Member[] = [];
  const waiting = new Set<Member>();
  let total = 0;
  let starting = 0;

  const wake = () => {
    const woken = [...waiting];
    waiting.clear();
    for (const member of woken) member.pump();
  };

  return {
    join: (member) => void members.push(member),
    tryStart(member) {
      const first = member.environments() === 0;
      // A first environment is never refused for good: its callers may hold every other place.
      const full = starting >= limits.startingAtOnce * (first ? 4 : 1);
      if (full || (total >= limits.environments && !evictOldest(members) && !first)) {
        waiting.add(member);
        return false;
      }
      total += 1;
      starting += 1;
      return true;
    },
    take() {
      total += 1;
      starting += 1;
    },
    started() {
      starting -= 1;
      wake();
    },
    ended() {
      total -= 1;
      wake();
    },
  };
};
