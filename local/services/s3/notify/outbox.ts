import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Clock } from "../../../kit/clock.ts";
import { damaged } from "../../../kit/kept.ts";
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
}

/** Messages that are sent at least once, however often the target fails or the process ends. */
export interface Outbox {
  /** On disk when it returns. */
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
/** Lines of the journal after which it is written anew, once most of them are done with. */
const COMPACT_LINES = 20_000;

type Line = readonly ["+", Letter] | readonly ["-", number];

const readLine = (line: string, file: string): Line | undefined => {
  try {
    return JSON.parse(line) as Line;
  } catch (error) {
    throw damaged(file, error);
  }
};

const readJournal = (file: string): Map<number, Letter> => {
  let text = "";
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const letters = new Map<number, Letter>();
  // what follows the last line break was cut short by a crash, and never acknowledged
  for (const line of text.split("\n").slice(0, -1)) {
    const entry = readLine(line, file);
    if (entry?.[0] === "+") letters.set(entry[1].id, entry[1]);
    if (entry?.[0] === "-") letters.delete(entry[1]);
  }
  return letters;
};

const openJournal = (file: string | undefined) => {
  if (file === undefined) return { letters: new Map<number, Letter>(), add: (_: Line) => {} };
  mkdirSync(dirname(file), { recursive: true });
  const letters = readJournal(file);
  const compact = () => {
    const text = [...letters.values()].map((letter) => `${JSON.stringify(["+", letter])}\n`).join("");
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
    return letters.size;
  };
  let lines = compact();
  return {
    letters,
    add(line: Line) {
      appendFileSync(file, `${JSON.stringify(line)}\n`);
      lines += 1;
      if (lines > COMPACT_LINES && lines > letters.size * 4) lines = compact();
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
  const { letters, add } = openJournal(options.file);
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
    },
    waiting: () => letters.size,
  };
};
