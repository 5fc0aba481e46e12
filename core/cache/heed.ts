import { now } from "#core/kit/clock.ts";
import { type Context, inBackground, isServable, storeFailed, supersede, supersedeAll } from "./context.ts";
import type { Kept } from "./l1.ts";
import type { Change } from "./store.ts";

/**
 * Hears what others did, where it is time to. Who finds the key in memory waits for it; who does not goes on to the store, which
 * knows as much.
 */
export const heed = async (context: Context, key: string): Promise<void> => {
  const { link, l1, options } = context;
  if (!link?.feed.isDue(now())) return;
  const kept = l1.get(key);
  const frugal = options.heeds === "needed";
  // Once it began: what is read before that could not be trusted later.
  if (frugal && link.feed.generation() > 0 && !decides(context, kept)) return;
  const heard = link.feed.ensure().catch((error: unknown) => storeFailed(context, error));
  if (kept || frugal) await heard;
  else inBackground(context, () => heard);
};

/** Whether all that keeps an entry from being served is that nobody asked. */
const decides = (context: Context, kept: Kept | undefined): boolean => {
  const at = now();
  return kept !== undefined && at >= kept.readAt && at < kept.until && !isServable(context, kept, at);
};

/** A cache as its feed sees it. */
export const listenerOf = (context: Context) => ({
  onChange: ({ key: name, mark, version }: Change): void => {
    const key = name === undefined ? undefined : context.names.own(name);
    if (key !== undefined) onKey(context, key, version);
    if (mark !== undefined && context.names.own(mark) !== undefined) onMark(context, mark, version);
  },
  onGap: (): void => {
    context.l1.clear();
    supersedeAll(context);
  },
});

// What this process did itself comes back to it, and is known.
const onKey = (context: Context, key: string, version: number) => {
  if (context.l1.floor(key) >= version) return;
  context.l1.fence(key, version);
  supersede(context, key);
};

const onMark = (context: Context, mark: string, version: number) => {
  const { marks, link } = context;
  if ((marks.current([mark])[mark] ?? 0) >= version) return;
  marks.learn({ [mark]: version }, { at: now(), fence: 0, generation: link?.feed.generation() ?? 0 });
  supersedeAll(context);
};
