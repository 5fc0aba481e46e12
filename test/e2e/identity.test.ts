import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Running } from "../../local/start.ts";
import { startApp } from "../kit/app.ts";
import { createClient } from "./client.ts";

describe("accounts", () => {
  let app: Running & { lines: string[] };
  let visitor: ReturnType<typeof createClient>;
  const account = { email: "reader@example.org", password: "Reads-every-day-7" };

  beforeAll(async () => {
    app = await startApp();
    visitor = createClient(app);
  });
  afterAll(() => app.stop());

  const cookieOf = (headers: Headers) => headers.getSetCookie()[0] ?? "";

  it("opens an account with the code that is mailed, and signs in", async () => {
    expect((await visitor.post("/api/v1/auth/sign-up", account)).json).toEqual({ confirmed: false });
    expect((await visitor.post("/api/v1/auth/sign-in", account)).status).toBeGreaterThanOrEqual(400);
    const code = /reader@example\.org\D+(\d{6})/.exec(app.lines.join("\n"))?.[1];
    expect((await visitor.post("/api/v1/auth/confirm", { email: account.email, code })).status).toBe(204);
    const session = await visitor.post("/api/v1/auth/sign-in", account);
    expect(session.status).toBe(200);
    expect(session.json.user).toMatchObject({ email: account.email });
    const mine = createClient(app, String(session.json.access_token));
    expect((await mine.get("/api/v1/links")).json).toEqual({ links: [], cursor: null });
  });

  it("keeps the refresh token where scripts cannot read it, and renews the session by it until sign-out", async () => {
    const { headers } = await visitor.post("/api/v1/auth/sign-in", account);
    const cookie = cookieOf(headers);
    expect(cookie).toMatch(/HttpOnly/i);
    expect(cookie).toMatch(/SameSite=Strict/i);
    expect(cookie).toMatch(/Secure/i);
    const withCookie = (path: string) =>
      fetch(`${app.url}${path}`, { method: "POST", headers: { cookie: cookie.split(";")[0] ?? "" } });
    const renewed = await withCookie("/api/v1/auth/refresh");
    expect(renewed.status).toBe(200);
    expect(await renewed.json()).toHaveProperty("access_token");
    expect((await withCookie("/api/v1/auth/sign-out")).status).toBe(204);
    expect((await withCookie("/api/v1/auth/refresh")).status).toBe(401);
  });

  it("says the same of a wrong password and of an unknown account", async () => {
    const wrong = await visitor.post("/api/v1/auth/sign-in", { ...account, password: "Not-the-password-1" });
    const unknown = await visitor.post("/api/v1/auth/sign-in", { ...account, email: "nobody@example.org" });
    expect(wrong.status).toBe(401);
    expect(unknown.json).toEqual(wrong.json);
  });

  it("refuses tokens that are forged, tampered with or missing, with a problem document", async () => {
    const token = await app.tokenOf("owner@tenfold.example");
    const [head = "", body = "", signature = ""] = token.split(".");
    const claims = JSON.parse(Buffer.from(body, "base64url").toString()) as Record<string, unknown>;
    const forged = Buffer.from(JSON.stringify({ ...claims, sub: "somebody-else" })).toString("base64url");
    const unsigned = Buffer.from('{"alg":"none"}').toString("base64url");
    const bad = [`${head}.${forged}.${signature}`, `${unsigned}.${body}.`, "garbage", `${token}x`];
    for (const one of bad) {
      const { status, headers } = await createClient(app, one).get("/api/v1/links");
      expect([401, 403]).toContain(status);
      expect(headers.get("content-type")).toBe("application/problem+json");
    }
    expect((await visitor.get("/api/v1/links")).status).toBe(401);
  });
});
