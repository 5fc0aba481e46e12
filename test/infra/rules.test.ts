import { describe, expect, it } from "vitest";
import { synth } from "../../local/synth/synth.ts";
import type { Finding, Rule } from "./kit/rule.ts";
import { notExercised } from "./not-exercised.ts";
import { publicRoutes } from "./public-routes.ts";
import { routesOf } from "./rules/api.ts";
import { rules } from "./rules.ts";
import { type Kind, kinds, loadStages, root } from "./stages.ts";
import { type Waiver, waivers } from "./waivers.ts";

const graphs = await loadStages();

const holdsFor = (kind: Kind, { stage }: { readonly stage?: Kind }) => stage === undefined || stage === kind;

const waives = (waiver: Waiver, rule: Rule, kind: Kind, { resource, why }: Finding) =>
  waiver.rule === rule.number &&
  holdsFor(kind, waiver) &&
  waiver.resource.test(resource) &&
  waiver.why.test(why);

const isListed = (rule: Rule, kind: Kind) =>
  notExercised.some((line) => line.rule === rule.number && holdsFor(kind, line));

describe.each(kinds)("the %s stage", (kind) => {
  it.each(rules.map((rule) => [rule.number, rule.title, rule] as const))(
    "keeps rule %i: %s",
    (_n, _title, rule) => {
      const { violations } = rule.check(graphs[kind]);
      const objections = violations.filter(
        (found) => !waivers.some((waiver) => waives(waiver, rule, kind, found)),
      );
      expect(objections.map(({ resource, why }) => `${resource}: ${why}`)).toEqual([]);
    },
  );

  it("exercises every rule but those that are listed, with what they wait for", () => {
    const idle = rules.filter((rule) => rule.check(graphs[kind]).looked === 0);
    const listed = rules.filter((rule) => isListed(rule, kind));
    expect(idle.map((rule) => rule.number)).toEqual(listed.map((rule) => rule.number));
  });
});

describe("the rules", () => {
  it("are fifty, each with its own number", () => {
    expect(rules.map((rule) => rule.number)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
  });

  it("have no waiver that nothing needs", () => {
    const isUsed = (waiver: Waiver) =>
      kinds.some((kind) =>
        rules.some((rule) =>
          rule.check(graphs[kind]).violations.some((found) => waives(waiver, rule, kind, found)),
        ),
      );
    expect(waivers.filter((waiver) => !isUsed(waiver))).toEqual([]);
  });

  it("list no public route that is not there", () => {
    const routes = kinds.flatMap((kind) => routesOf(graphs[kind]));
    expect(Object.keys(publicRoutes).filter((route) => !routes.includes(route))).toEqual([]);
  });
});

describe("the edge with a domain of its own", () => {
  it("takes no TLS older than 1.2", async () => {
    process.env.SHORT_DOMAINS = "go.example.com,s.example.com";
    const graph = await synth({ root, stage: "production" }).finally(() => delete process.env.SHORT_DOMAINS);
    const tls = rules.find((rule) => rule.number === 42);
    expect(tls?.check(graph)).toEqual({ looked: expect.any(Number), violations: [] });
  });
});
