import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, request as proxied, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { inject } from "vitest";
import type { Running, StartOptions } from "../../local/start.ts";
import { startFixtureApp } from "../kit/fixture-app.ts";
import { launchChromium } from "./chromium.ts";
import { type Site, visit } from "./site.ts";

const stacks = join(import.meta.dirname, "../../stacks/headers.ts");
const types: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

/** The content policy the web app is deployed with: what breaks it here would break it there. */
const policyOfStacks = async (): Promise<string> => {
  const policy = /"(default-src 'self'[^"]*)"/.exec(await readFile(stacks, "utf8"))?.[1];
  if (policy === undefined) throw new Error("stacks/headers.ts states no content policy");
  return policy;
};

const pass = (request: IncomingMessage, response: ServerResponse, front: URL) => {
  const { method, url: path, headers } = request;
  const call = proxied({ host: front.hostname, port: front.port, method, path, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  call.on("error", () => response.destroy());
  response.on("close", () => call.destroy());
  request.pipe(call);
};

const file = async (path: string, response: ServerResponse, policy: string) => {
  const name = extname(path) === "" ? "/index.html" : path.replace(/^\/app/, "");
  const body = await readFile(join(inject("webDist"), join("/", name))).catch(() => undefined);
  const type = types[extname(name)] ?? "application/octet-stream";
  const headers = { "content-type": type, "content-security-policy": policy, "x-frame-options": "DENY" };
  response.writeHead(body ? 200 : 404, headers).end(body);
};

/** The web app in front of another app than its own: its files from the build, its console from that app's local cloud. */
const serveWeb = async (front: URL): Promise<{ url: string; close(): void }> => {
  const policy = await policyOfStacks();
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    if (path.startsWith("/_local/")) pass(request, response, front);
    else void file(path, response, policy);
  }).listen(0, "127.0.0.1");
  await new Promise((listening) => server.once("listening", listening));
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
};

/** A fixture app's local cloud with the web app before it, and a browser. */
export const startConsoleSite = async (
  name: string,
  options: Partial<StartOptions> = {},
): Promise<Site & { readonly app: Running }> => {
  process.env.SST_SECRET_Stamp ??= "blue"; // a fixture's secret
  const app = await startFixtureApp(name, options);
  const web = await serveWeb(new URL(app.url));
  const browser = await launchChromium();
  return {
    app,
    url: web.url,
    visit: (title, settings, run) => visit(browser, web.url, title, settings, run),
    stop: async () => {
      await browser.close();
      web.close();
      await app.stop();
    },
  };
};
