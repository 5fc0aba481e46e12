import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { RefusedAddress } from "./address.ts";
import { fetchPage, strict } from "./page-fetch.ts";
import { summarise } from "./page-summary.ts";

let server: Server | undefined;
const serve = async (listener: RequestListener) => {
  server = createServer(listener).listen(0, "127.0.0.1");
  await new Promise((resolve) => server?.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  const rules = { ...strict, allowed: ["127.0.0.0/8"], ports: [port], timeoutMs: 1_000 };
  return { rules, url: `http://127.0.0.1:${port}/`, port };
};
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

const html = { "content-type": "text/html; charset=utf-8" };

describe("a preview is fetched", () => {
  it("with title, description and image, resolved against the page", async () => {
    const { rules, url } = await serve((_, answer) =>
      answer.writeHead(200, html).end(`<html><head><title>Plain &amp; simple</title>
        <meta property="og:title" content="Ünïcode"><meta name="description" content=" A   page "><meta property="og:image" content="/a.png">`),
    );
    const page = await fetchPage(url, rules);
    expect(page && summarise(page)).toEqual({
      title: "Ünïcode",
      description: "A page",
      image: `${url}a.png`,
    });
  });

  it("through three redirects and not through four", async () => {
    const { rules, url } = await serve((request, answer) => {
      const left = Number(request.url?.slice(1) || 0);
      if (left > 0) answer.writeHead(302, { location: `/${left - 1}` }).end();
      else answer.writeHead(200, html).end("<title>There</title>");
    });
    expect(await fetchPage(`${url}3`, rules)).toBeDefined();
    expect(await fetchPage(`${url}4`, rules)).toBeUndefined();
  });

  it("up to 512 KB of it", async () => {
    const { rules, url } = await serve((_, answer) => {
      answer.writeHead(200, html).write("<title>Long</title>");
      const fill = () => {
        while (!answer.destroyed && answer.write("x".repeat(65_536)));
      };
      answer.on("drain", fill);
      fill();
    });
    const page = await fetchPage(url, rules);
    expect(page?.bytes.length).toBe(512 * 1024);
    expect(page && summarise(page).title).toBe("Long");
  });

  it("in the character set it declares, or that it is in", async () => {
    const { rules, url } = await serve((request, answer) => {
      if (request.url === "/meta") {
        answer.writeHead(200, { "content-type": "text/html" });
        answer.end(
          Buffer.from('<meta charset="windows-1251"><title>\xcf\xf0\xe8\xe2\xe5\xf2</title>', "latin1"),
        );
      } else if (request.url === "/latin") {
        answer
          .writeHead(200, { "content-type": "text/html" })
          .end(Buffer.from("<title>caf\xe9</title>", "latin1"));
      } else answer.writeHead(200, { "content-type": "text/html" }).end("<title>日本</title>");
    });
    const title = async (path: string) => {
      const page = await fetchPage(url + path, rules);
      return page && summarise(page).title;
    };
    expect(await title("meta")).toBe("Привет");
    expect(await title("latin")).toBe("café");
    expect(await title("utf8")).toBe("日本");
  });
});

describe("a preview is refused", () => {
  it("when a redirect leads inside", async () => {
    let port = 0;
    const started = await serve((_, answer) =>
      answer.writeHead(302, { location: `http://[::1]:${port}/latest/meta-data` }).end(),
    );
    port = started.port;
    await expect(fetchPage(started.url, started.rules)).rejects.toThrow(RefusedAddress);
  });

  it("on loopback, unless that is allowed", async () => {
    const { url, port } = await serve((_, answer) =>
      answer.writeHead(200, html).end("<title>Inside</title>"),
    );
    await expect(fetchPage(url, { ...strict, ports: [port] })).rejects.toThrow(RefusedAddress);
  });

  it("on other ports, with credentials, and over other schemes", async () => {
    for (const url of ["http://example.com:22/", "http://user@example.com/", "ftp://example.com/"]) {
      await expect(fetchPage(url)).rejects.toThrow(RefusedAddress);
    }
  });

  it("when it is no HTML, is compressed, or failed", async () => {
    const { rules, url } = await serve((request, answer) => {
      if (request.url === "/pdf") answer.writeHead(200, { "content-type": "application/pdf" }).end("x");
      else if (request.url === "/gzip")
        answer.writeHead(200, { ...html, "content-encoding": "gzip" }).end("x");
      else answer.writeHead(404, html).end("<title>No</title>");
    });
    for (const path of ["pdf", "gzip", "missing"]) expect(await fetchPage(url + path, rules)).toBeUndefined();
  });

  it("when it takes longer than it may, all hops together, however it trickles", async () => {
    const { rules, url } = await serve((_, answer) => {
      answer.writeHead(200, html).write("<title>");
      const timer = setInterval(() => answer.write("x"), 20);
      answer.on("close", () => clearInterval(timer));
    });
    await expect(fetchPage(url, { ...rules, timeoutMs: 150 })).rejects.toThrow(/timeout|aborted/i);
  });
});
