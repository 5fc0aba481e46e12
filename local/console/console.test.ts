import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { createRecorder } from "../kit/recorder.ts";
import { createConsole } from "./console.ts";

const graph = {
  app: "a",
  stage: "s",
  region: "r",
  accountId: "1",
  functions: [],
  resources: [],
  outputs: {},
};

it.each(["//", "http://[", "/_local/nothing", "/_local/spans/../constructor"])(
  "a request for %s is not the console's, and ends nothing",
  async (path) => {
    const console = createConsole(graph, createRecorder(), []);
    const server = createServer((incoming, reply) => {
      if (!console(incoming, reply)) reply.writeHead(404).end();
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const call = request({ host: "127.0.0.1", port, path, agent: false }).end();
    const [reply] = await once(call, "response");
    expect(reply.statusCode).toBe(404);
    reply.resume();
    server.closeAllConnections();
    server.close();
  },
);

it("a reader of spans that leaves is forgotten", async () => {
  const recorder = createRecorder();
  let readers = 0;
  const console = createConsole(
    graph,
    {
      ...recorder,
      subscribe(listener) {
        const unsubscribe = recorder.subscribe(listener);
        readers += 1;
        return () => {
          readers -= 1;
          unsubscribe();
        };
      },
    },
    [],
  );
  const server = createServer((incoming, reply) => void console(incoming, reply)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const calls = Array.from({ length: 3 }, () =>
    request({ host: "127.0.0.1", port, path: "/_local/events", agent: false }).end(),
  );
  await Promise.all(calls.map((call) => once(call, "response")));
  expect(readers).toBe(3);
  for (const call of calls) call.destroy();
  await expect.poll(() => readers).toBe(0);
  server.close();
});
