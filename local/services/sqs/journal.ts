import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { appendFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Journal } from "./engine.ts";
import { storedKey } from "./send.ts";
import type { QueueAttributes } from "./settings.ts";
import type { Duplicate, Message, Queue } from "./state.ts";

// An append-only log, one JSON array a line. Receipts and visibility are not kept: whoever held a message ended with the
// process, so after a restart it is ready again, with its counts.

type Entry =
  | readonly ["q", name: string, attributes: QueueAttributes, tags: Record<string, string>, createdAt: number]
  | readonly ["x", name: string]
  | readonly ["p", name: string]
  | readonly ["s", name: string, message: Message]
  | readonly ["r", name: string, id: string, receives: number, here: number, firstReceivedAt: number]
  | readonly ["d", name: string, id: string]
  | readonly ["k", name: string, key: string, duplicate: Duplicate];

/** What the log says of one queue. */
export interface Kept {
  definition?: { attributes: QueueAttributes; tags: Record<string, string>; createdAt: number };
  readonly messages: Map<string, Message>;
  readonly seen: Map<string, Duplicate>;
}

/** Reads the log back; a line cut short by a crash is the last one and was never acknowledged. */
export const readJournal = (file: string): Map<string, Kept> => {
  const queues = new Map<string, Kept>();
  for (const line of readText(file).split("\n")) {
    const entry = parse(line);
    if (entry) replay(queues, entry);
  }
  return queues;
};

const readText = (file: string): string => {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
};

const isEntry = (entry: unknown): entry is Entry => {
  if (!Array.isArray(entry) || typeof entry[1] !== "string") return false;
  return entry[0] !== "s" || typeof entry[2]?.id === "string";
};

const parse = (line: string): Entry | undefined => {
  try {
    const entry: unknown = line ? JSON.parse(line) : undefined;
    return isEntry(entry) ? entry : undefined;
  } catch {
    return undefined;
  }
};

const replay = (queues: Map<string, Kept>, entry: Entry): void => {
  const [kind, name] = entry;
  const kept: Kept = queues.get(name) ?? { messages: new Map(), seen: new Map() };
  queues.set(name, kept);
  if (kind === "q") kept.definition = { attributes: entry[2], tags: entry[3], createdAt: entry[4] };
  if (kind === "x") queues.delete(name);
  if (kind === "p") kept.messages.clear();
  if (kind === "s") kept.messages.set(entry[2].id, entry[2]);
  if (kind === "s" && entry[2].state === "flying") entry[2].visibleAt = 0;
  if (kind === "d") kept.messages.delete(entry[2]);
  if (kind === "k") kept.seen.set(entry[2], entry[3]);
  const message = kind === "r" ? kept.messages.get(entry[2]) : undefined;
  if (!message || kind !== "r") return;
  message.visibleAt = 0;
  message.receives = entry[3];
  message.receivesHere = entry[4];
  message.firstReceivedAt = entry[5];
};

/** Keeps nothing: the journal of a cloud without a data directory. */
export const noJournal = (): Journal => ({
  sent: () => {},
  received: () => {},
  deleted: () => {},
  purged: () => {},
  defined: () => {},
  dropped: () => {},
  committed: () => Promise.resolve(),
});

/** Lines beyond which the log is rewritten, once it is also four times what is alive. */
const COMPACT_LINES = 50_000;

/** Opens the log, rewritten to what is alive. Entries of one turn of the event loop share one write. */
export const openJournal = (file: string, queues: ReadonlyMap<string, Queue>): Journal => {
  const { put, committed } = openWriter(file, queues);
  return {
    sent(queue, message) {
      put(["s", queue.name, message]);
      const key = storedKey(queue, message);
      const duplicate = key === undefined ? undefined : queue.seen.get(key);
      if (key !== undefined && duplicate?.id === message.id) put(["k", queue.name, key, duplicate]);
    },
    received: (queue, m) =>
      put(["r", queue.name, m.id, m.receives, m.receivesHere, m.firstReceivedAt ?? m.sentAt]),
    deleted: (queue, message) => put(["d", queue.name, message.id]),
    purged: (queue) => put(["p", queue.name]),
    defined: (queue) => {
      if (queue.runtime) put(definition(queue));
    },
    dropped: (name) => put(["x", name]),
    committed,
  };
};

const openWriter = (file: string, queues: ReadonlyMap<string, Queue>) => {
  mkdirSync(dirname(file), { recursive: true });
  let lines = compact(file, queues);
  let alive = lines;
  let pending: string[] = [];
  let writing: Promise<void> | undefined;
  const write = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    while (pending.length > 0) {
      const batch = pending;
      pending = [];
      lines += batch.length;
      if (lines > COMPACT_LINES && lines > alive * 4) {
        alive = compact(file, queues);
        lines = alive;
      } else {
        await appendFile(file, batch.join("")).catch((error: unknown) => {
          // A full disk fails whoever waits for this write; the lines stay, and go out with the next.
          pending = [...batch, ...pending];
          writing = undefined;
          throw error;
        });
      }
    }
    writing = undefined;
  };
  const put = (entry: Entry) => {
    pending.push(`${JSON.stringify(entry)}\n`);
    if (writing) return;
    writing = write();
    writing.catch(() => {});
  };
  return { put, committed: () => writing ?? Promise.resolve() };
};

const definition = (queue: Queue): Entry => ["q", queue.name, queue.attributes, queue.tags, queue.createdAt];

const compact = (file: string, queues: ReadonlyMap<string, Queue>): number => {
  const entries = [...queues.values()].flatMap((queue): Entry[] => [
    ...(queue.runtime ? [definition(queue)] : []),
    ...[...queue.messages.values()].map((message): Entry => ["s", queue.name, message]),
    ...[...queue.seen].map(([key, duplicate]): Entry => ["k", queue.name, key, duplicate]),
  ]);
  writeFileSync(`${file}.new`, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
  renameSync(`${file}.new`, file);
  return entries.length;
};
