import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createAddresses } from "../../local/gateway/addresses.ts";
import { buildSites } from "../../local/sites.ts";
import { graphOf, resource } from "./gateway-fixture.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "sites-"));
  mkdirSync(join(root, "out"));
  writeFileSync(join(root, "page.html"), "");
  past(join(root, "page.html"));
});
afterEach(() => rmSync(root, { recursive: true }));

const past = (file: string) => utimesSync(file, 1_000, 1_000);
const index = () => join(root, "out/index.html");
const built = () => readFileSync(index(), "utf8");

const graph = () =>
  graphOf([
    resource("sst:aws:StaticSite", "Web", {}, { outputPath: "out" }),
    resource("command:local:Command", "WebBuilder", {
      create: `printf "local at $VITE_LOCAL_CLOUD" > out/index.html; date +%N >> builds`,
      dir: root,
    }),
  ]);
const start = () => buildSites(graph(), root, () => {});
const builds = () => readFileSync(join(root, "builds"), "utf8").trim().split("\n").length;

it("a site is built for the local cloud, and not again while its sources stand", async () => {
  await start();
  expect(built()).toBe("local at /_local");
  await start();
  expect(builds()).toBe(1);
});

it("a build that was made for a deployment is replaced, before anything is served", async () => {
  writeFileSync(index(), "for a deployment");
  await start();
  expect(built()).toBe("local at /_local");
  writeFileSync(index(), "deployed again");
  await start();
  expect(built()).toBe("local at /_local");
  expect(builds()).toBe(2);
});

it("a site is given its stack's variables with this machine's addresses, and is built anew when those change", async () => {
  const site = graphOf([
    resource("sst:aws:StaticSite", "Web", {}, { outputPath: "out" }),
    resource("command:local:Command", "WebBuilder", {
      create: `printf "$VITE_SOCKET" > out/index.html; date +%N >> builds`,
      dir: root,
      environment: { VITE_SOCKET: "wss://chat1.execute-api.eu-central-1.amazonaws.com/live" },
    }),
    resource("aws:apigatewayv2/api:Api", "Chat", { protocolType: "WEBSOCKET" }, { id: "chat1" }),
  ]);
  const at = (front: string) => createAddresses(site, { endpoint: "http://127.0.0.1:4566", front });
  for (const port of [3000, 3000, 3001]) {
    await buildSites(site, root, () => {}, at(`http://127.0.0.1:${port}`));
    expect(built()).toBe(`ws://127.0.0.1:${port}/_aws/execute-api/chat1/live`);
  }
  expect(builds()).toBe(2);
});
