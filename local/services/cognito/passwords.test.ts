import { describe, expect, it } from "vitest";
import { systemClock } from "../../kit/clock.ts";
import { createLockout } from "./lockout.ts";
import { checkPolicy, hashPassword, passwordMatches } from "./passwords.ts";
import { temporaryPassword } from "./users.ts";

const strict = {
  minimumLength: 10,
  requireLowercase: true,
  requireUppercase: true,
  requireNumbers: true,
  requireSymbols: true,
  temporaryPasswordValidityDays: 7,
};

describe("A password", () => {
  it("matches its own hash alone, and the hash of nobody never", async () => {
    const kept = await hashPassword("Correct-horse-7");
    expect(kept.hash).not.toContain("horse");
    expect(await passwordMatches("Correct-horse-7", kept)).toBe(true);
    expect(await passwordMatches("correct-horse-7", kept)).toBe(false);
    expect(await passwordMatches("", undefined)).toBe(false);
  });

  it.each([
    ["Sh0rt!", "Password not long enough"],
    ["NO-LOWERCASE-1", "Password must have lowercase characters"],
    ["no-uppercase-1", "Password must have uppercase characters"],
    ["No-numbers-here", "Password must have numeric characters"],
    ["NoSymbols123", "Password must have symbol characters"],
  ])("%s is refused: %s", (password, why) => {
    expect(() => checkPolicy(password, strict)).toThrow(why);
  });

  it("made for a new user satisfies the strictest policy", () => {
    for (let i = 0; i < 50; i++) {
      expect(() => checkPolicy(temporaryPassword(strict), strict)).not.toThrow();
      expect(temporaryPassword({ ...strict, minimumLength: 40 })).toHaveLength(40);
    }
  });
});

describe("A lockout", () => {
  it("doubles from one second to a quarter of an hour, and forgets after a quiet one", () => {
    const clock = systemClock();
    const lockout = createLockout(clock);
    for (let i = 0; i < 5; i++) lockout.attempt("ann");
    for (let seconds = 1; seconds < 900; seconds *= 2) {
      clock.advance(seconds * 1_000 - 50);
      expect(() => lockout.attempt("ann")).toThrow("Password attempts exceeded");
      clock.advance(51);
      lockout.attempt("ann");
    }
    clock.advance(899_000);
    expect(() => lockout.attempt("ann")).toThrow("Password attempts exceeded");
    clock.advance(902_000);
    for (let i = 0; i < 5; i++) lockout.attempt("ann");
    expect(() => lockout.attempt("ann")).toThrow("Password attempts exceeded");
    lockout.attempt("bob");
  });
});
