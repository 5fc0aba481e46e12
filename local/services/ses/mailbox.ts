import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openLedger, type Table } from "../../kit/ledger.ts";
import type { Mail, MailEvent, Step, Task } from "./mail.ts";

/** The newest messages that are kept, and what all of them may take: on disk, and in memory without one. */
const MOST_MAILS = 2_000;
const MOST_BYTES = 512 * 1024 * 1024;
const MOST_BYTES_IN_MEMORY = 64 * 1024 * 1024;
const MOST_EVENTS = 500;

/** Messages, the tasks that wait, and the log that keeps both. */
export interface Mailbox {
  readonly mails: Pick<Table<Mail>, "get" | "values" | "size">;
  readonly tasks: Pick<Table<Task>, "values" | "size">;
  /** Keeps a message; resolves once its bytes are on disk. Its lines of the log follow with `committed`. */
  add(mail: Mail, raw: Buffer): Promise<void>;
  /** The message as it was sent; undefined when it is no longer kept, or never was. */
  raw(id: string): Promise<Buffer | undefined>;
  note(mail: Mail, event: MailEvent): void;
  schedule(task: Task): void;
  done(task: Task): void;
  /** The message a step is about, even when it is no longer kept. */
  mailOf(step: Step): Mail | undefined;
  clear(): void;
  committed(): Promise<void>;
}

interface Raws {
  put(id: string, raw: Buffer): Promise<void>;
  get(id: string): Promise<Buffer | undefined>;
  drop(id: string): void;
}

const inMemory = (): Raws => {
  const kept = new Map<string, Buffer>();
  return {
    put: async (id, raw) => void kept.set(id, raw),
    get: async (id) => kept.get(id),
    drop: (id) => void kept.delete(id),
  };
};

const onDisk = (folder: string, known: ReadonlySet<string>): Raws => {
  mkdirSync(folder, { recursive: true });
  // Bytes whose line never came were never acknowledged.
  for (const name of readdirSync(folder))
    if (!known.has(name.replace(/\.eml$/, ""))) rmSync(join(folder, name), { force: true });
  const file = (id: string) => join(folder, `${id}.eml`);
  return {
    async put(id, raw) {
      await writeFile(`${file(id)}.new`, raw, { mode: 0o600 });
      await rename(`${file(id)}.new`, file(id));
    },
    get: (id) => readFile(file(id)).catch(() => undefined),
    drop: (id) => void rm(file(id), { force: true }).catch(() => {}),
  };
};

/** How many steps of each message are still to come. */
const countSteps = (tasks: Iterable<Task>): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const task of tasks)
    if (task.kind === "step") counts.set(task.mailId, (counts.get(task.mailId) ?? 0) + 1);
  return counts;
};

/** Opens the mailbox; undefined `folder` keeps it in memory. */
export const openMailbox = (folder: string | undefined): Mailbox => {
  const ledger = openLedger(folder === undefined ? undefined : join(folder, "log.jsonl"));
  const [mails, gone] = [ledger.table<Mail>("mails"), ledger.table<Mail>("gone")];
  const tasks = ledger.table<Task>("tasks");
  const known = new Set([...mails.values()].map(({ id }) => id));
  const raws = folder === undefined ? inMemory() : onDisk(join(folder, "mails"), known);
  const most = folder === undefined ? MOST_BYTES_IN_MEMORY : MOST_BYTES;
  let bytes = [...mails.values()].reduce((sum, mail) => sum + mail.size, 0);
  const steps = countSteps(tasks.values());
  const drop = (mail: Mail) => {
    mails.delete(mail.id);
    if (steps.has(mail.id)) gone.set(mail.id, mail); // what is still to become of it becomes of it
    bytes -= mail.size;
    raws.drop(mail.id);
  };
  const stepDone = ({ mailId }: Step) => {
    const left = (steps.get(mailId) ?? 1) - 1;
    if (left > 0) return steps.set(mailId, left);
    steps.delete(mailId);
    return gone.delete(mailId);
  };
  return {
    mails,
    tasks,
    async add(mail, raw) {
      if (mail.size > 0) await raws.put(mail.id, raw);
      mails.set(mail.id, mail);
      bytes += mail.size;
      for (const oldest of mails.values()) {
        if (oldest === mail || (mails.size <= MOST_MAILS && bytes <= most)) break;
        drop(oldest);
      }
    },
    raw: (id) => (mails.has(id) ? raws.get(id) : Promise.resolve(undefined)),
    note(mail, event) {
      if (mail.events.length >= MOST_EVENTS) return;
      mail.events.push(event);
      if (mails.has(mail.id)) mails.set(mail.id, mail);
    },
    schedule(task) {
      tasks.set(task.id, task);
      if (task.kind === "step") steps.set(task.mailId, (steps.get(task.mailId) ?? 0) + 1);
    },
    done(task) {
      if (tasks.delete(task.id) && task.kind === "step") stepDone(task);
    },
    mailOf: ({ mailId }) => mails.get(mailId) ?? gone.get(mailId),
    clear() {
      for (const mail of [...mails.values()]) drop(mail);
    },
    committed: () => ledger.committed(),
  };
};
