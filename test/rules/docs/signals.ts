import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { table } from "./markdown.ts";

interface Signal {
  readonly title: string;
  readonly metrics: Readonly<
    Record<string, { readonly namespace: string; readonly name: string; readonly stat: string }>
  >;
  readonly expression?: string;
  readonly alarm?: { readonly on: string; readonly threshold: number; readonly minutes: number };
}

const what = ({ metrics, expression }: Signal): string => {
  const parts = Object.entries(metrics).map(
    ([id, { namespace, name, stat }]) => `${id}: ${namespace} ${name} ${stat}`,
  );
  return [...parts, ...(expression ? [`= ${expression}`] : [])].join("; ");
};

const alarmOf = ({ alarm }: Signal): string =>
  alarm ? `${alarm.on} ≥ ${alarm.threshold.toLocaleString("en-US")} in ${alarm.minutes} min` : "";

/** What a pattern watches of its own. Stacks read globals that SST defines: a name and a stage do. */
export const signals = async (root: string, pattern: string): Promise<() => string> => {
  Object.assign(globalThis, { $app: { name: "tenfold", stage: "production" } });
  const file = pathToFileURL(join(root, `stacks/${pattern}-signals.ts`)).href;
  const made = (await import(file)) as Record<string, ((api: unknown) => Signal[]) | undefined>;
  const all = made[`${pattern}Signals`]?.({ nodes: { api: { name: "Api" } } });
  if (!all) throw new Error(`${file} exports no ${pattern}Signals`);
  return () =>
    table(
      ["Drawn", "From", "Alarm (production)"],
      all.map((signal) => [signal.title, what(signal), alarmOf(signal)]),
    );
};
