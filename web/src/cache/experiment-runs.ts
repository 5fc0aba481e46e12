import { type Failure, failureText } from "../api/failure.ts";
import type { Cell } from "../patterns/cells.tsx";
import type { Report, Verdict } from "../patterns/experiment.tsx";
import { wait } from "../ui/wait.ts";
import { freshSpace, type Got } from "./cache-client.ts";
import { loadsOf, READERS, stampede, together } from "./stampede-run.ts";

type Done = { readonly ok: true } | { readonly ok: false; readonly failure: Failure };

/** What must have worked for the experiment to mean anything. */
const must = async <T extends Done>(doing: Promise<T>): Promise<Extract<T, { ok: true }>> => {
  const outcome = await doing;
  if (outcome.ok) return outcome as Extract<T, { ok: true }>;
  throw new Error(failureText(outcome.failure));
};

const statusOf = (got: Got) => (got.ok ? got.status : got.failure.status);

const loadedCell = (got: Got): Cell => {
  if (!got.ok) {
    const { status, title } = got.failure;
    return { label: `${status} ${title}`, tone: status >= 500 || status === 0 ? "bad" : "refused" };
  }
  if (got.data.loaded) return { label: "asked the origin", tone: "refused" };
  return got.data.tier === "l1"
    ? { label: "had it from another's load", tone: "good" }
    : { label: "found it in the store", tone: "same" };
};

/** Fifty readers of a cold key, protected and not. */
export const coldKey = async (report: Report): Promise<Verdict> => {
  report.plan(READERS * 2, ["Protected", "Unprotected"]);
  const send = async (what: string, protect: boolean, first: number) => {
    const space = freshSpace(what);
    await must(space.put("cold", { value: "from the record", strategy: "cache-aside" }, report.signal));
    return loadsOf(
      await stampede(space, protect, report.signal, ({ got }, at) =>
        report.cell(first + at, loadedCell(got)),
      ),
    );
  };
  report.say("Protected: one is to load, the others wait for it");
  const guarded = await send("guarded", true, 0);
  report.say("Unprotected: whoever comes before the first load ends loads too");
  const open = await send("open", false, READERS);
  return {
    held: guarded.loads === 1 && guarded.answered === READERS,
    text: `Protected: ${guarded.loads} of ${READERS} asked the origin, ${guarded.answered} were answered. Unprotected: ${open.loads}, of the ${together()} that were under way at once.`,
  };
};

const slowly = { origin: "records", slow: "900", ttl: "60000" } as const;

/** A load that began before a deletion ends after it. */
export const lateFill = async (report: Report): Promise<Verdict> => {
  const space = freshSpace("late");
  report.plan(3);
  await must(space.put("page", { value: "old", strategy: "cache-aside" }, report.signal));
  report.say("A slow load begins; the entry is deleted while it runs");
  const loading = space.get("page", slowly, report.signal);
  await wait(300, report.signal);
  await must(space.remove("page", report.signal));
  report.cell(1, { label: "deleted during the load", tone: "same" });
  const load = await loading;
  report.cell(0, loadedCell(load));
  const after = await space.get("page", { consistency: "strong" }, report.signal);
  const gone = statusOf(after) === 404;
  report.cell(2, { label: gone ? "404: still gone" : "came back", tone: gone ? "good" : "bad" });
  return {
    held: load.ok && load.data.loaded && gone,
    text: gone
      ? "The load answered its caller and was not kept: the key is still gone."
      : "The late load brought back what was deleted.",
  };
};

/** A load that began before a write ends after it. */
export const lateLoad = async (report: Report): Promise<Verdict> => {
  const space = freshSpace("late");
  report.plan(3);
  await must(space.put("page", { value: "old", strategy: "cache-aside" }, report.signal));
  const loading = space.get("page", slowly, report.signal);
  await wait(300, report.signal);
  const put = await must(space.put("page", { value: "new" }, report.signal));
  report.cell(1, { label: `written as version ${put.data.version}`, tone: "same" });
  report.cell(0, loadedCell(await loading));
  const after = await must(space.get("page", { consistency: "strong" }, report.signal));
  const held = after.data.value === "new" && after.data.version === put.data.version;
  report.cell(2, { label: `reads “${String(after.data.value)}”`, tone: held ? "good" : "bad" });
  return {
    held,
    text: `After both, the key holds “${String(after.data.value)}”, version ${after.data.version}.`,
  };
};

/** A tag is dropped while an entry that bears it is being written anew by nobody: old and new are told apart. */
export const cleared = async (report: Report): Promise<Verdict> => {
  const space = freshSpace("clear");
  const keys = Array.from({ length: 40 }, (_, n) => `entry-${n}`);
  report.plan(keys.length + 1);
  await Promise.all(keys.map((key) => must(space.put(key, { value: key }, report.signal))));
  report.say("40 entries written; one write drops them all");
  const dropped = await must(space.drop(undefined, report.signal));
  await must(space.put("after", { value: "kept" }, report.signal));
  const gone = await Promise.all(
    keys.map(async (key, i) => {
      const got = await space.get(key, { consistency: "strong" }, report.signal);
      const is = statusOf(got) === 404;
      report.cell(i, { label: is ? "404 gone" : `${statusOf(got)} still there`, tone: is ? "good" : "bad" });
      return is;
    }),
  );
  const after = await space.get("after", { consistency: "strong" }, report.signal);
  report.cell(keys.length, {
    label: after.ok ? "written after, kept" : "lost",
    tone: after.ok ? "same" : "bad",
  });
  const all = gone.filter(Boolean).length;
  return {
    held: all === keys.length && after.ok,
    text: `${all} of ${keys.length} gone by one write of ${Math.round(dropped.ms)} ms; what was written after it is ${after.ok ? "there" : "lost"}.`,
  };
};

/** An entry past its time, by grace and without. */
export const endings = async (report: Report): Promise<Verdict> => {
  const space = freshSpace("end");
  report.plan(4);
  await must(space.put("short", { value: 1, ttl: 700 }, report.signal));
  await must(space.put("none", { value: 1, ttl: 0 }, report.signal));
  const look = async (i: number, key: string, expected: number) => {
    const got = await space.get(key, {}, report.signal);
    const as = statusOf(got) === expected;
    report.cell(i, {
      label: `${statusOf(got)} ${key}`,
      tone: as ? (expected === 404 ? "refused" : "good") : "bad",
    });
    return as;
  };
  const early = await look(0, "short", 200);
  const never = await look(1, "none", 404);
  await wait(900, report.signal);
  const late = await look(2, "short", 404);
  const unknown = await look(3, "was-never", 404);
  return {
    held: early && never && late && unknown,
    text: "An entry of 700 ms answers before its end and not after it; one of 0 ms was never kept.",
  };
};

/** Entries that must be refused, or kept as they are. */
export const hostile = async (report: Report): Promise<Verdict> => {
  const space = freshSpace("bad");
  const tries: readonly (readonly [
    what: string,
    status: number,
    ask: () => Promise<{ ok: boolean; status?: number; failure?: { status: number } }>,
  ])[] = [
    ["a value of 5 MB", 413, () => space.put("big", { value: "x".repeat(5 * 1024 * 1024) })],
    ["a key of 2 KB", 400, () => space.put("k".repeat(2_048), { value: 1 })],
    ["a time to live below zero", 400, () => space.put("a", { value: 1, ttl: -1 })],
    [
      "eleven tags",
      400,
      () => space.put("a", { value: 1, tags: Array.from({ length: 11 }, (_, n) => `t${n}`) }),
    ],
    ["a key of any signs", 200, () => space.put("ключ/ü?&#%00 🔑", { value: null })],
    ["and read again", 200, () => space.get("ключ/ü?&#%00 🔑")],
  ];
  report.plan(tries.length);
  const wrong: string[] = [];
  for (const [i, [what, expected, ask]] of tries.entries()) {
    const outcome = await ask();
    const status = outcome.status ?? outcome.failure?.status ?? 0;
    if (status !== expected) wrong.push(`${what}: ${status}`);
    const tone = status !== expected ? "bad" : status < 400 ? "good" : "refused";
    report.cell(i, { label: `${status} ${what}`, tone });
  }
  return {
    held: wrong.length === 0,
    text: wrong.length === 0 ? "Each got the answer it must." : wrong.join("; "),
  };
};
