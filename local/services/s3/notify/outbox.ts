import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { Clock } from "../../../kit/clock.ts";
import { openLineLog } from "../line-log.ts";
import { createLanes, type Lanes } from "./lanes.ts";

/** A message on its way: whom it is for, and what it says. */
export interface Letter {
  readonly id: number;
  readonly target: string;
  /** Letters of one lane and target arrive in their order. */
  readonly lane: string;
  readonly body: string;
  readonly source: string;
  readonly trace?: string;
  readonly at: number;
}

/** What the outbox needs to send. */
export interface OutboxOptions {
  /** Undefined keeps letters in memory. */
  readonly file?: string;
  readonly clock: Clock;
  send(letter: Letter): Promise<void>;
  /** Says that a letter was given up. */
  lost(letter: Letter, error: unknown): void;
  /** Says that the disk took no note of a letter. */
  full(error: unknown): void;
}

/** Messages that are sent at least once, however often the target fails or the process ends. */
export interface Outbox {
  /** On disk when it returns, if the disk takes it. */
  post(letter: Omit<Letter, "id">): void;
  start(): void;
  pause(): void;
  stop(): void;
  /** Letters not yet delivered. */
  waiting(): number;
}

/** S3 tries for a day; first and longest wait between attempts. */
const AGE_MS = 24 * 3_600_000;
const FIRST_MS = 1_000;
const LONGEST_MS = 300_000;
/** Letters sent at once, and the most that may wait: what is beyond is lost, and said so. */
const AT_ONCE = 32;
const MOST = 50_000;
type Line = readonly ["+", Letter] | readonly ["-", number];

const readLine = (value: unknown): Line | undefined =>
  Array.isArray(value) && (value[0] === "+" || value[0] === "-") && value[1]
    ? (value as unknown as Line)
    : undefined;

const openJournal = ({ file, full }: Pick<OutboxOptions, "file" | "full">) => {
  const letters = new Map<number, Letter>();
  if (file === undefined) return { letters, add: (_: Line) => {}, close: () => {} };
  mkdirSync(dirname(file), { recursive: true });
  const log = openLineLog(file, readLine, (line) => {
    if (line[0] === "+") letters.set(line[1].id, line[1]);
    else letters.delete(line[1]);
  });
  let closed = false;
  return {
    letters,
    // A full disk loses no letter while the process lives: what was not noted down may be sent again, or not after a kill.
    add(line: Line) {
      if (closed) return; // what was just being sent is sent again after the next start
      try {
        log.append(line);
        log.compactTo(letters.size, () => [...letters.values()].map((letter): Line => ["+", letter]));
      } catch (error) {
        full(error);
      }
    },
    close() {
      if (!closed) log.close();
      closed = true;
    },
  };
};

/** Sends a letter until it is taken, or too old. */
const persist = async (
  letter: Letter,
  { clock, send }: OutboxOptions,
  waits: Set<() => void>,
): Promise<{ error?: unknown }> => {
  for (let tries = 0; ; tries++) {
    try {
      await send(letter);
      return {};
    } catch (error) {
      const wait = Math.min(FIRST_MS * 2 ** tries, LONGEST_MS);
      if (clock.now() + wait - letter.at > AGE_MS) return { error };
      await new Promise<void>((resolve) => {
        const cancel = clock.after(wait, () => {
          waits.delete(cancel);
          resolve();
        });
        waits.add(cancel);
      });
    }
  }
};

/** Opens the outbox with whatever was left in it. */
export const openOutbox = (options: OutboxOptions): Outbox => {
  const { letters, add, close } = openJournal(options);
  const waits = new Set<() => void>();
  const work = async (letter: Letter) => {
    const { error } = await persist(letter, options, waits);
    if (error !== undefined) options.lost(letter, error);
    letters.delete(letter.id);
    add(["-", letter.id]);
  };
  // lanes of its own for each target: one that fails holds up no other
  const targets = new Map<string, Lanes<Letter>>();
  let running = false;
  const push = (letter: Letter) => {
    let lanes = targets.get(letter.target);
    if (!lanes) {
      lanes = createLanes(AT_ONCE, work);
      if (running) lanes.start();
      targets.set(letter.target, lanes);
    }
    lanes.push(letter.lane, letter);
  };
  let next = Math.max(0, ...letters.keys()) + 1;
  for (const letter of letters.values()) push(letter);
  const pause = () => {
    running = false;
    for (const lanes of targets.values()) lanes.pause();
  };
  return {
    post(given) {
      const letter = { ...given, id: next++ };
      if (letters.size >= MOST) return options.lost(letter, new Error(`${MOST} notifications wait already`));
      letters.set(letter.id, letter);
      add(["+", letter]);
      push(letter);
    },
    start() {
      running = true;
      for (const lanes of targets.values()) lanes.start();
    },
    pause,
    stop() {
      pause();
      for (const cancel of waits) cancel(); // whoever waits is forgotten: the journal has it
      waits.clear();
      close();
    },
    waiting: () => letters.size,
  };
};
