import { Problem } from "#core/kit/problem.ts";
import { begin, type Context, supersedeAll } from "./context.ts";
import { attempt, failed } from "./writes.ts";

/** Voids all entries that bear the tag, or, with '', all there are: one write. */
export const bump = async (context: Context, tag: string): Promise<number> => {
  const { link, names, marks, l1, nextVersion } = context;
  const mark = names.mark(tag);
  context.tell();
  try {
    const version = link ? await link.store.bump(mark) : nextVersion();
    marks.learn({ [mark]: version }, begin(context));
    if (tag === "") l1.clear();
    return version;
  } catch (error) {
    l1.clear();
    throw failed(context, error);
  } finally {
    supersedeAll(context);
  }
};

/** Settles a dirty entry. A Problem says that it could not be told. */
export const settle = async (context: Context, key: string, version: number): Promise<boolean> => {
  const { link, names } = context;
  if (!link) throw new Problem("invalid-request", "Without a store nothing is written behind");
  return attempt(context, [], async () => {
    const name = names.key(key);
    const { entry } = await link.store.get(name, { strong: true });
    if (entry?.version !== version) return false;
    if (!entry.dirty) return true;
    const { version: _, lease: __, dirty: ___, ...draft } = entry;
    return (await link.store.fill(name, draft, version)) !== undefined;
  });
};
