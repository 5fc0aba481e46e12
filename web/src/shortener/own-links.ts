import type { Link } from "#core/shortener/link.schema.ts";
import { createStore } from "../ui/store.ts";

const made = createStore<readonly Link[]>([]);
const watched = createStore<Link | undefined>(undefined);
const changes = createStore(0);

/** Links made since the page was opened, newest first. Anonymous links have no other list. */
export const useMadeLinks = (): readonly Link[] => made.use();

/** Counts what was made, changed or removed here: lists load anew when it moves. */
export const useLinkChanges = (): number => changes.use();

/** The link whose clicks are watched. */
export const useWatched = (): Link | undefined => watched.use();

/** Watches another link. */
export const watch = (link: Link | undefined): void => watched.set(link);

/** Tells the lists that something changed. */
export const noteChange = (): void => changes.set(changes.get() + 1);

/** Remembers a link that was just made, and watches it. */
export const noteMade = (link: Link): void => {
  made.set([link, ...made.get().filter(({ id }) => id !== link.id)].slice(0, 50));
  watched.set(link);
  noteChange();
};

/** Forgets a link that was removed. */
export const noteRemoved = (id: string): void => {
  made.set(made.get().filter((link) => link.id !== id));
  if (watched.get()?.id === id) watched.set(undefined);
  noteChange();
};

/** The query that names a link's short domain where it is not the page's own. */
export const domainOf = (link: Pick<Link, "domain">): { domain?: string } =>
  link.domain === location.host || link.domain === location.hostname ? {} : { domain: link.domain };
