import { zipf } from "../web/src/cache/zipf.ts";
import { seeded } from "../web/src/ui/seeded.ts";
import { type Configuration, newBefore, startRedirects } from "./kit/redirects.ts";
import { percentile, type Row, report, round } from "./kit/report.ts";

const LINKS = 100_000;
const SEED = 1;
const EDITS = 20;

/** How often each of so many environments is asked, and how many redirects are measured once memories are warm. */
const LOADS = [
  { environments: 1, perSecond: 1, measured: 1_000 },
  { environments: 1, perSecond: 50, measured: 3_000 },
  { environments: 10, perSecond: 20, measured: 12_000 },
] as const;
type Load = (typeof LOADS)[number];

/** Until what is kept for a minute ends as often as it is read. */
const WARM_SECONDS = 62;

type World = Awaited<ReturnType<typeof startRedirects>>;

/** Runs a trace: the redirects of a tenth of a second (of a second, where there is but one) in each environment, then the clock moves on. */
const run = async (world: World, { name, create }: Configuration, load: Load): Promise<Row> => {
  await world.empty();
  const environments = Array.from({ length: load.environments }, create);
  const rank = zipf(LINKS, 1, SEED);
  const atOnce = Math.max(1, load.perSecond / 10);
  const step = async () => {
    const visits = environments.flatMap((links) => Array.from({ length: atOnce }, () => links));
    await Promise.all(visits.map((links) => links.read(world.nameOf(rank()))));
    world.advance((1_000 * atOnce) / load.perSecond);
  };
  for (let n = 0; n < (WARM_SECONDS * load.perSecond) / atOnce; n++) await step();
  const before = sums(environments);
  const steps = load.measured / load.environments / atOnce;
  const usage = await world.measure(async () => {
    for (let n = 0; n < steps; n++) await step();
  });
  const after = sums(environments);
  const redirects = load.measured;
  const per = (sum: number, digits = 0) => round((1_000 * sum) / redirects, digits);
  const loads = after.loads - before.loads;
  const shared = after.shared - before.shared;
  const share = (sum: number) => round((100 * sum) / redirects, 1);
  return {
    environments: load.environments,
    "redirects/s each": load.perSecond,
    tiers: name,
    "DynamoDB calls": per(usage.calls),
    "of them the link": per(loads),
    RCU: per(usage.rcu),
    WCU: per(usage.wcu),
    "Valkey calls": per(usage.valkey),
    "memory %": share(redirects - loads - shared),
    "second tier %": share(shared),
    "table %": share(loads),
  };
};

const sums = (environments: readonly { readonly loads: () => number; readonly shared: () => number }[]) => ({
  loads: environments.reduce((sum, { loads }) => sum + loads(), 0),
  shared: environments.reduce((sum, { shared }) => sum + shared(), 0),
});

/** How long after an edit was answered the last of ten environments, each asked every 50 ms, still led to the old address. */
const edits = async (world: World, { name, create, tell }: Configuration): Promise<Row> => {
  await world.empty();
  const environments = Array.from({ length: 10 }, create);
  const random = seeded(SEED);
  const samples: number[] = [];
  for (let edit = 0; edit < EDITS; edit++) {
    const link = world.nameOf(edit);
    // Copies of any age, and news heard at any time.
    for (const links of environments) {
      await links.read(link);
      world.advance(Math.floor(random() * 300));
    }
    const url = await world.edit(link);
    await tell(link);
    let late = 0;
    for (let at = 0; at <= 3_500; at += 50) {
      const seen = await Promise.all(environments.map((links) => links.read(link)));
      if (seen.some((found) => found?.url !== url)) late = at + 50;
      world.advance(50);
    }
    samples.push(late);
  }
  return {
    tiers: name,
    edits: EDITS,
    "seen by all, median ms": percentile(samples, 0.5),
    "worst ms": Math.max(...samples),
  };
};

/**
 * Redirects before and after they shared a cache: calls and units of 1,000 redirects on a Zipf(1.0) trace over 100,000 links, share of
 * each tier, and how soon an edit is seen. Real DynamoDB Local, real Valkey; time is moved, so a minute takes none.
 */
export const redirects = async (): Promise<void> => {
  const world = await startRedirects(LINKS);
  try {
    const configurations = [newBefore(), ...world.configurations];
    const rows: Row[] = [];
    for (const load of LOADS)
      for (const configuration of configurations) rows.push(await run(world, configuration, load));
    report("redirects", "Redirects: per 1,000, Zipf(1.0) over 100,000 links", rows);
    const seen: Row[] = [];
    for (const configuration of configurations) seen.push(await edits(world, configuration));
    report("redirects-edits", "An edit: until ten environments all lead to the new address", seen);
  } finally {
    await world.stop();
  }
};
