import type { Running } from "../local/start.ts";
import { type Row, report } from "./kit/report.ts";

interface Step {
  readonly name: string;
  run(): Promise<Response>;
}

const follow = (url: string) => fetch(url, { redirect: "manual" });

const stepsOf = (url: string, token: string): Step[] => {
  const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
  const post = (path: string, body: unknown, signedIn: boolean) =>
    fetch(`${url}${path}`, {
      method: "POST",
      headers: signedIn ? headers : { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  const link = `${url}/api/v1/links/bench-mine`;
  return [
    {
      name: "shorten, anonymous",
      run: () => post("/api/v1/shorten", { url: "https://example.org/1" }, false),
    },
    { name: "shorten again", run: () => post("/api/v1/shorten", { url: "https://example.org/1" }, false) },
    {
      name: "shorten, owner, custom code",
      run: () => post("/api/v1/shorten", { url: "https://example.org/2", custom_hash: "bench-mine" }, true),
    },
    { name: "redirect, miss", run: () => follow(`${url}/bench-mine`) },
    { name: "redirect, cached", run: () => follow(`${url}/bench-mine`) },
    { name: "get", run: () => fetch(link, { headers }) },
    { name: "list", run: () => fetch(`${url}/api/v1/links`, { headers }) },
    {
      name: "reverse look-up",
      run: () => fetch(`${url}/api/v1/links?url=https://example.org/2`, { headers }),
    },
    {
      name: "edit",
      run: () => fetch(link, { method: "PATCH", headers, body: JSON.stringify({ title: "Changed" }) }),
    },
    { name: "stats", run: () => fetch(`${link}/stats`, { headers }) },
    { name: "qr", run: () => fetch(`${link}/qr`) },
    { name: "delete", run: () => fetch(link, { method: "DELETE", headers }) },
  ];
};

/** AWS calls and capacity units of each operation, counted at the endpoint. */
export const operations = async (app: Running): Promise<void> => {
  const token = await app.tokenOf("owner@tenfold.example");
  const rows: Row[] = [];
  for (const step of stepsOf(app.url, token)) {
    const since = app.cloud.recorder.recent().length;
    const answer = await step.run();
    await answer.arrayBuffer();
    const trace = /Root=([^;]+)/.exec(answer.headers.get("x-amzn-trace-id") ?? "")?.[1];
    const calls = app.cloud.recorder
      .recent()
      .slice(Math.max(0, since - 50))
      .filter((span) => span.kind === "aws" && span.traceId === trace);
    const sum = (unit: "readUnits" | "writeUnits") =>
      calls.reduce((total, span) => total + (span.detail[unit] ?? 0), 0);
    rows.push({
      name: step.name,
      status: answer.status,
      calls: calls.length,
      what: calls.map((span) => span.name.split(":")[1]).join(" "),
      RCU: sum("readUnits"),
      WCU: sum("writeUnits"),
    });
  }
  report("operations", "AWS calls and capacity units of each operation", rows);
};
