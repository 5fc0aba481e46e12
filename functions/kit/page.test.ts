import { describe, expect, it } from "vitest";
import { Problem } from "#core/kit/problem.ts";
import { acceptsHtml, toProblemPage } from "./page.ts";

describe("a problem page", () => {
  it("escapes whatever it is told", () => {
    const reply = toProblemPage(new Problem("not-found", `<script>alert("x")</script>`));
    expect(reply.body).not.toContain("<script>");
    expect(reply.body).toContain("&lt;script&gt;alert(&quot;x&quot;)");
  });

  it("loads nothing, runs nothing, and is framed by nobody", () => {
    const { headers, body } = toProblemPage(new Problem("link-expired", "Over"));
    expect(headers?.["content-security-policy"]).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    expect(String(body)).not.toMatch(/https?:|src=|<script/);
  });

  it("asks for the secret that would mend it, and posts it to the same address", () => {
    const ask = { name: "password", label: "Password" };
    const { status, body } = toProblemPage(new Problem("password-required", "Enter it", { ask }));
    expect(status).toBe(401);
    expect(body).toMatch(
      /<form method="post"><label for="password">Password<\/label>\s*<input id="password" name="password" type="password"/,
    );
  });

  it("is for those who accept HTML", () => {
    expect(
      ["text/html,*/*;q=0.8", "application/json", "*/*", undefined].map((accept) => acceptsHtml(accept)),
    ).toEqual([true, false, false, false]);
  });
});
