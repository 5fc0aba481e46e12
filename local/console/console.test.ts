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
