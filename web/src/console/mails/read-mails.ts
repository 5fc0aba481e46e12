import { createStore } from "../../ui/store.ts";

const NAME = "console-read-mails";
/** As many as the inbox keeps. */
const MOST = 2_000;

const kept = (): readonly string[] => {
  try {
    const ids: unknown = JSON.parse(localStorage.getItem(NAME) ?? "[]");
    return Array.isArray(ids) ? ids.filter((id) => typeof id === "string") : [];
  } catch {
    return [];
  }
};

const read = createStore<ReadonlySet<string>>(new Set(kept()));

/** Messages that were looked at in this browser. */
export const useReadMails = (): ReadonlySet<string> => read.use();

/** Remembers that a message was looked at. */
export const markRead = (ids: Iterable<string>): void => {
  const all = [...new Set([...read.get(), ...ids])].slice(-MOST);
  if (all.length === read.get().size) return;
  read.set(new Set(all));
  try {
    localStorage.setItem(NAME, JSON.stringify(all));
  } catch {
    // a browser that keeps nothing forgets it with the page
  }
};
