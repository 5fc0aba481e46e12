import { createSocket } from "node:dgram";
import {
  BatchGetTracesCommand,
  GetTraceSummariesCommand,
  PutTraceSegmentsCommand,
  XRayClient,
} from "@aws-sdk/client-xray";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { ServiceFactory } from "../../local/kit/cloud.ts";
import { type XRayService, xray } from "../../local/services/xray/xray.ts";
import { REGION, type Running, startCloud } from "./gateway-fixture.ts";

let running: Running;
let service: XRayService;
let client: XRayClient;

beforeEach(async () => {
  const factory: ServiceFactory = async (cloud) => {
    service = await xray(cloud);
    return service;
  };
  running = await startCloud({ services: [factory] });
  const { accessKeyId, secretAccessKey } = running.cloud.credentials.developer;
  const credentials = { accessKeyId, secretAccessKey };
  client = new XRayClient({
    endpoint: running.gateway.endpoint,
    region: REGION,
    credentials,
    maxAttempts: 1,
  });
});
afterEach(() => running.stop());

const send = async (...texts: string[]) => {
  const socket = createSocket("udp4");
  const [host = "", port = ""] = service.daemonAddress.split(":");
  for (const text of texts) await new Promise((resolve) => socket.send(text, Number(port), host, resolve));
  socket.close();
};

const trace = "1-58406520-a006649127e371903a2de979";
const segment = (extra: object = {}) => ({
  trace_id: trace,
  parent_id: "53995c3f42cd8ad8",
  id: "70de5b6f19ff9a0a",
  name: "place order",
  start_time: 1_478_293_361.271,
  end_time: 1_478_293_361.449,
  ...extra,
});
const datagram = (document: object) => `{"format": "json", "version": 1}\n${JSON.stringify(document)}`;
const spans = () => running.cloud.recorder.recent().filter(({ kind }) => kind === "segment");

it("segments that come as datagrams stand in their trace, their parts under them", async () => {
  const part = {
    id: "53995c3f42cd8ad9",
    name: "charge",
    start_time: 1_478_293_361.3,
    end_time: 1_478_293_361.4,
    fault: true,
  };
  const cause = { exceptions: [{ type: "CardError", message: "declined" }] };
  await send(
    datagram(
      segment({
        subsegments: [{ ...part, cause, subsegments: [{ ...part, id: "53995c3f42cd8ada", name: "retry" }] }],
      }),
    ),
  );
  await expect
    .poll(() => spans().map(({ name, parentId }) => [name, parentId]))
    .toEqual([
      ["place order", "53995c3f42cd8ad8"],
      ["charge", "70de5b6f19ff9a0a"],
      ["retry", "53995c3f42cd8ad9"],
    ]);
  expect(spans()[0]?.durationMs).toBeCloseTo(178, 0);
  expect(spans()[1]?.error).toBe("CardError: declined");
});

it("what is no segment is dropped, told once, and harms nothing", async () => {
  const deep = JSON.parse(
    `${'{"id":"53995c3f42cd8ada","name":"n","start_time":1,"subsegments":['.repeat(400)}${"]}".repeat(400)}`,
  );
  await send(
    "",
    "no header",
    "{}\n{}",
    '{"format":"json","version":1}\n{"half',
    datagram({ id: 5 }),
    datagram(segment({ subsegments: [5, null, deep] })),
  );
  await expect.poll(() => spans().length).toBeGreaterThan(0);
  expect(running.printed.filter((line) => line.includes("segment was dropped"))).toHaveLength(1);
});

it("segments put by a call are read back with what the local cloud recorded of the same trace", async () => {
  const now = Math.floor(Date.now() / 1_000);
  const documents = [
    JSON.stringify(segment({ start_time: now, end_time: now + 1 })),
    JSON.stringify({ id: "70de5b6f19ff9a0b" }),
    "no",
  ];
  const put = await client.send(new PutTraceSegmentsCommand({ TraceSegmentDocuments: documents }));
  expect(put.UnprocessedTraceSegments?.map(({ Id }) => Id)).toEqual(["70de5b6f19ff9a0b", undefined]);
  const { Traces, UnprocessedTraceIds } = await client.send(
    new BatchGetTracesCommand({ TraceIds: [trace, "1-0-0"] }),
  );
  expect(UnprocessedTraceIds).toEqual(["1-0-0"]);
  expect(JSON.parse(Traces?.[0]?.Segments?.[0]?.Document ?? "{}")).toMatchObject({
    name: "place order",
    trace_id: trace,
  });
  const found = await client.send(
    new GetTraceSummariesCommand({
      StartTime: new Date((now - 60) * 1_000),
      EndTime: new Date((now + 60) * 1_000),
    }),
  );
  expect(found.TraceSummaries?.map(({ Id }) => Id)).toContain(trace);
  await expect(
    client.send(new BatchGetTracesCommand({ TraceIds: Array.from({ length: 6 }, () => trace) })),
  ).rejects.toThrow("five");
});

it("SDKs that ask the daemon what to sample are told: everything", async () => {
  const answer = await fetch(`http://${service.daemonAddress}/GetSamplingRules`, { method: "POST" });
  expect(await answer.json()).toEqual({ SamplingRuleRecords: [] });
  expect((await fetch(`http://${service.daemonAddress}/other`)).status).toBe(404);
});
