import type * as v from "valibot";
import { shortenerApi } from "#core/shortener/api.schema.ts";
import type { Link, NewLink } from "#core/shortener/link.schema.ts";
import { call } from "../api/call.ts";
import type { Failure } from "../api/failure.ts";
import type { Cell } from "../patterns/cells.tsx";
import type { Report, Verdict } from "../patterns/experiment.tsx";
import { wait } from "../ui/wait.ts";
import { follow } from "./follow.ts";
import { domainOf, noteChange } from "./own-links.ts";

type Body = v.InferInput<typeof NewLink>;

const unique = () => crypto.randomUUID().slice(0, 8);
const shorten = (body: Body, signal: AbortSignal) => call(shortenerApi.shorten, { body, signal });
const refused = (failure: Failure): Cell => ({
  label: `${failure.status || ""} ${failure.title}`.trim(),
  tone: failure.status >= 500 || failure.status === 0 ? "bad" : "refused",
});

/** The link an experiment works on; an experiment without one cannot find anything. */
const make = async (body: Body, report: Report): Promise<Link> => {
  const outcome = await shorten(body, report.signal);
  if (outcome.ok) return outcome.data;
  throw new Error(`No link to work on: ${outcome.failure.title}`);
};

/** Sends all of `bodies` at once and reports each answer in its place. */
const race = async (bodies: readonly Body[], report: Report) => {
  report.plan(bodies.length);
  const outcomes = await Promise.all(
    bodies.map(async (body, i) => {
      const outcome = await shorten(body, report.signal);
      if (!outcome.ok) report.cell(i, refused(outcome.failure));
      else if (outcome.status === 201) report.cell(i, { label: "201 created", tone: "good" });
      else report.cell(i, { label: "200 the same link", tone: "same" });
      return outcome;
    }),
  );
  noteChange();
  return outcomes;
};

/** One URL asked for fifty times at once. */
export const identical = async (report: Report): Promise<Verdict> => {
  const url = `https://example.com/identical/${unique()}`;
  const outcomes = await race(
    Array.from({ length: 50 }, () => ({ url })),
    report,
  );
  const answered = outcomes.filter((outcome) => outcome.ok);
  const codes = new Set(answered.map((outcome) => outcome.data.hash));
  const created = answered.filter((outcome) => outcome.status === 201).length;
  return {
    held: codes.size === 1 && created === 1 && answered.length === 50,
    text: `${answered.length} of 50 answered with a link, ${created} created it: ${codes.size} code in all.`,
  };
};

/** One code wanted by fifty. */
export const takers = async (report: Report): Promise<Verdict> => {
  const code = `race-${unique()}`;
  const bodies = Array.from({ length: 50 }, (_, i) => ({
    url: `https://example.com/taker/${code}/${i}`,
    custom_hash: code,
  }));
  const outcomes = await race(bodies, report);
  const winners = outcomes.filter((outcome) => outcome.ok).length;
  const lost = outcomes.filter((outcome) => !outcome.ok && outcome.failure.kind === "slug-taken").length;
  return {
    held: winners === 1 && lost === 49,
    text: `${winners} got the code, ${lost} were told that it is taken.`,
  };
};

/** Follows `link` `times` at once; true for each redirect. */
const hit = async (link: Link, times: number, report: Report) => {
  report.plan(times);
  const results = await Promise.all(
    Array.from({ length: times }, async (_, i) => {
      const result = await follow(link);
      report.cell(
        i,
        result.kind === "redirect" ? { label: "redirect", tone: "good" } : refused(result.failure),
      );
      return result.kind === "redirect";
    }),
  );
  return results.filter(Boolean).length;
};

const settleMs = 30_000;

const countOf = async (link: Link, signal: AbortSignal) => {
  const outcome = await call(shortenerApi.stats, {
    params: { hash: link.hash },
    query: { days: "2", ...domainOf(link) },
    signal,
  });
  return outcome.ok ? outcome.data.clicks + outcome.data.bots : undefined;
};

/** Two hundred clicks, then the count, twice. */
export const burst = async (report: Report): Promise<Verdict> => {
  const link = await make({ url: `https://example.com/burst/${unique()}` }, report);
  const sent = await hit(link, 200, report);
  const start = performance.now();
  let counted = 0;
  while (performance.now() - start < settleMs && !report.signal.aborted) {
    counted = (await countOf(link, report.signal)) ?? counted;
    report.say(`${counted} of ${sent} counted`);
    if (counted >= sent) break;
    await wait(300, report.signal);
  }
  // Once more after the count is reached: a click counted twice would show now.
  await wait(2_000, report.signal);
  counted = (await countOf(link, report.signal)) ?? counted;
  const seconds = ((performance.now() - start) / 1000 - 2).toFixed(1);
  noteChange();
  return {
    held: counted === sent && sent === 200,
    text: `${sent} redirects, ${counted} counted, settled after ${seconds} s and looked at again 2 s later.`,
  };
};

/** A link followed before its end and after it. */
export const expiry = async (report: Report): Promise<Verdict> => {
  const link = await make({ url: `https://example.com/expiry/${unique()}`, expires_in: 3 }, report);
  report.plan(2);
  const show = async (at: number) => {
    const result = await follow(link);
    report.cell(
      at,
      result.kind === "redirect" ? { label: "redirect", tone: "good" } : refused(result.failure),
    );
    return result;
  };
  const before = await show(0);
  const left = Date.parse(link.expires_at ?? "") - Date.now();
  report.say("Waiting three seconds for the link to expire");
  await wait(left + 50, report.signal);
  const after = await show(1);
  const gone = after.kind === "refused" && after.failure.status === 410;
  noteChange();
  return {
    held: before.kind === "redirect" && gone,
    text: gone ? "It led on, then answered 410: gone." : "It still leads on after its end.",
  };
};

/** Twenty-five visitors for five clicks. */
export const exhausted = async (report: Report): Promise<Verdict> => {
  const link = await make({ url: `https://example.com/limit/${unique()}`, max_clicks: 5 }, report);
  const passed = await hit(link, 25, report);
  noteChange();
  return { held: passed === 5, text: `${passed} of 25 got through a link good for 5.` };
};

const hostileUrls = () => [
  "javascript:alert(1)",
  "data:text/html,<script>alert(1)</script>",
  "https://user:secret@example.com/",
  "ftp://example.com/file",
  "https://",
  `${location.origin}/loop`,
];

/** URLs that must be refused. */
export const hostile = async (report: Report): Promise<Verdict> => {
  const urls = hostileUrls();
  const outcomes = await race(
    urls.map((url) => ({ url })),
    report,
  );
  const stopped = outcomes.filter(
    (outcome) => !outcome.ok && [400, 422].includes(outcome.failure.status),
  ).length;
  return { held: stopped === urls.length, text: `${stopped} of ${urls.length} refused with a reason.` };
};
