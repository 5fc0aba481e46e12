import { useState } from "react";
import type { Failure } from "../api/failure.ts";
import { Button } from "../ui/button.tsx";
import { millis } from "../ui/format.ts";
import { FailureNotice } from "../ui/surface.tsx";
import { each, freshSpace, type Space } from "./cache-client.ts";

const tags = ["news", "sport", "prices"] as const;
type Tag = (typeof tags)[number];

interface Entry {
  readonly key: string;
  readonly tags: readonly Tag[];
  /** As it was last read. */
  readonly state: "kept" | "gone" | "unknown";
}

/** 24 entries: each combination of tags is borne by some. */
const made: readonly Entry[] = Array.from({ length: 24 }, (_, n) => ({
  key: `story-${n + 1}`,
  tags: tags.filter((_, bit) => (((n % 7) + 1) >> bit) & 1),
  state: "unknown",
}));

const words: Readonly<Record<Entry["state"], string>> = { kept: "kept", gone: "gone", unknown: "not read" };

const Grid = ({ entries }: { entries: readonly Entry[] }) => (
  <ul className="tag-grid" aria-label="Entries and their tags">
    {entries.map(({ key, tags: borne, state }) => (
      <li key={key} data-state={state}>
        <span className="mono">{key}</span>
        <span className="tag-marks">
          {borne.map((tag) => (
            <span key={tag} data-tag={tag}>
              {tag}
            </span>
          ))}
        </span>
        <span className="hidden-visually">, {words[state]}</span>
      </li>
    ))}
  </ul>
);

/** Writes the entries in a namespace of their own, drops some, and reads all again. */
const useTags = () => {
  const [space, setSpace] = useState<Space>();
  const [entries, setEntries] = useState(made);
  const [said, setSaid] = useState("");
  const [failure, setFailure] = useState<Failure>();
  const [busy, setBusy] = useState(false);
  const read = async (from: Space) => {
    const states = await each(made, 6, async ({ key }) => {
      const outcome = await from.get(key, { consistency: "strong" });
      if (outcome.ok) return "kept" as const;
      if (outcome.failure.status === 404) return "gone" as const;
      setFailure(outcome.failure);
      return "unknown" as const;
    });
    setEntries(made.map((entry, i) => ({ ...entry, state: states[i] ?? "unknown" })));
    return states.filter((state) => state === "gone").length;
  };
  const work = (doing: () => Promise<void>) => async () => {
    setBusy(true);
    setFailure(undefined);
    await doing();
    setBusy(false);
  };
  const fill = work(async () => {
    const fresh = freshSpace("tags");
    const written = await each(made, 6, async (entry) => {
      const outcome = await fresh.put(entry.key, { value: entry.key, tags: [...entry.tags], ttl: 600_000 });
      if (!outcome.ok) setFailure(outcome.failure);
      return outcome.ok;
    });
    const kept = written.filter(Boolean).length;
    setSpace(kept > 0 ? fresh : undefined);
    if (kept > 0) await read(fresh);
    setSaid(`${kept === made.length ? "" : `${kept} of `}${made.length} entries written`);
  });
  const drop = (from: Space, tag?: Tag) =>
    work(async () => {
      const outcome = await from.drop(tag);
      if (!outcome.ok) return setFailure(outcome.failure);
      const gone = await read(from);
      setSaid(
        `${tag ? `“${tag}”` : "The namespace"} dropped by one write in ${millis(outcome.ms)}: ${gone} of ${made.length} gone`,
      );
    });
  return { space, entries, said, failure, busy, fill, drop };
};

/** Entries with tags: drop a tag by one write, and see at the next read which are gone. */
export const TagGrid = () => {
  const { space, entries, said, failure, busy, fill, drop } = useTags();
  return (
    <div className="card stack" data-testid="tags">
      <div className="stack tight">
        <h3>Drop by tag</h3>
        <p className="quiet small">
          An entry remembers the versions of its tags. Dropping a tag raises one number, however many bear it:
          at its next read an entry finds that it is void.
        </p>
      </div>
      <div className="row">
        <Button
          {...(space ? {} : { look: "primary" as const })}
          busy={busy && !space}
          onClick={() => void fill()}
        >
          {space ? "Write them anew" : "Write 24 entries"}
        </Button>
        {space &&
          tags.map((tag) => (
            <Button key={tag} look="ember" disabled={busy} onClick={() => void drop(space, tag)()}>
              Drop “{tag}”
            </Button>
          ))}
        {space && (
          <Button look="ember" disabled={busy} onClick={() => void drop(space)()}>
            Drop all
          </Button>
        )}
      </div>
      <p role="status" className="small quiet figures">
        {said}
      </p>
      <FailureNotice failure={failure} />
      <Grid entries={entries} />
    </div>
  );
};
