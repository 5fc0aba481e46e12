import { describe, expect, it } from "vitest";
import { levelsOf } from "./guards.ts";
import { guards, policies } from "./policies.schema.ts";
import { scopes } from "./rule.schema.ts";

const asked = { route: "POST /api/v1/shorten", ip: "2001:db8::1" } as const;

describe("the app's rules", () => {
  it("guard by nothing that is not stated, from wide to narrow", () => {
    for (const names of Object.values(guards)) {
      const found = names.map((name) => policies.get(name)?.scope ?? "route");
      expect(names.filter((name) => !policies.has(name))).toEqual([]);
      expect(found).toEqual(found.toSorted((a, b) => scopes.indexOf(a) - scopes.indexOf(b)));
    }
  });

  it("count a write by everybody, its user, its address's site and its route", () => {
    expect(levelsOf({ ...asked, limit: "write", user: "ada" })).toEqual([
      { rule: "write-global", key: "all" },
      { rule: "write-user", key: "ada" },
      { rule: "write-ip", key: "2001:db8:0:0::/64" },
      { rule: "write-route", key: "POST /api/v1/shorten" },
    ]);
  });

  it("count nobody who has not signed in as a user", () => {
    expect(levelsOf({ ...asked, limit: "read" }).map(({ rule }) => rule)).not.toContain("read-user");
  });

  it("open no door to who guesses passwords while the store fails", () => {
    const guessing = [policies.get("password-tries"), policies.get("password-tries-link")];
    expect(guessing.map((rule) => rule?.onFailure)).toEqual(["closed", "closed"]);
  });
});
