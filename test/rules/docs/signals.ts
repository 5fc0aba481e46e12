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

/** What the shortener watches of its own. Stacks read globals that SST defines: a name and a stage do. */
export const signals = async (root: string): Promise<() => string> => {
  Object.assign(globalThis, { $app: { name: "tenfold", stage: "production" } });
  const file = pathToFileURL(join(root, "stacks/shortener-signals.ts")).href;
  const { shortenerSignals } = (await import(file)) as { shortenerSignals(api: unknown): Signal[] };
  const all = shortenerSignals({ nodes: { api: { name: "Api" } } });
  return () =>
    table(
      ["Drawn", "From", "Alarm (production)"],
      all.map((signal) => [signal.title, what(signal), alarmOf(signal)]),
    );
};
