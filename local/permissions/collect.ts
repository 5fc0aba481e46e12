import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { merge, type Report, unusedLines } from "./report.ts";

/** Names the folder into which every cloud writes, as it stops, what of its permissions was used. */
export const REPORT_FOLDER = "PERMISSIONS_REPORT";

/** Writes a run's report into the folder the environment names, if it names one. */
export const writeReport = (report: Report, folder = process.env[REPORT_FOLDER]): void => {
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${report.app}-${randomUUID()}.json`), JSON.stringify(report));
};

/** What all runs in a folder used together, by app. */
export const readReports = (folder: string): Report[] => {
  if (!existsSync(folder)) return [];
  const all = readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as Report);
  return Object.values(Object.groupBy(all, (report) => report.app)).flatMap((of) => (of ? [merge(of)] : []));
};

/** The report for people: what was refused, and what was granted but never used. */
export const reportLines = (report: Report): string[] => {
  const grants = report.holders.flatMap((holder) => holder.grants);
  const unused = unusedLines(report);
  const denials = report.denials.map(
    ({ who, action, resource, why, source, count }) =>
      `  denied ${count}×: ${who}${source ? ` (${source})` : ""}: ${action} on ${resource}: ${why}`,
  );
  const idle = grants.filter((grant) => grant.uses === 0).length;
  return [
    `${report.app}: ${grants.length} permissions granted, ${idle} never used in these runs${idle > 0 ? ":" : ""}`,
    ...unused.map((line) => `  ${line}`),
    ...denials,
  ];
};
