import { createSocket } from "node:dgram";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** The X-Ray daemon: functions send it segments as datagrams and ask it, over TCP at the same port, what to sample. */
export interface Daemon {
  /** `127.0.0.1:<port>`: the value of AWS_XRAY_DAEMON_ADDRESS. */
  readonly address: string;
  close(): Promise<void>;
}

// `{"format": "json", "version": 1}` on a line of its own stands before each document.
const documentIn = (datagram: Buffer): string | undefined => {
  const end = datagram.indexOf(10);
  if (end < 0) return undefined;
  try {
    const header = JSON.parse(datagram.toString("utf8", 0, end)) as {
      format?: unknown;
      version?: unknown;
    } | null;
    if (header?.format !== "json" || header.version !== 1) return undefined;
  } catch {
    return undefined;
  }
  return datagram.toString("utf8", end + 1);
};

/** What the sampling requests of SDKs are answered: everything is sampled. */
export const SAMPLING: Readonly<Record<string, object>> = {
  "/GetSamplingRules": { SamplingRuleRecords: [] },
  "/SamplingTargets": { LastRuleModification: 0, SamplingTargetDocuments: [], UnprocessedStatistics: [] },
};

const samplingServer = () =>
  createServer((request, response) => {
    request.resume();
    const found = SAMPLING[request.url ?? ""];
    response.writeHead(found ? 200 : 404, { "content-type": "application/json" });
    response.end(
      JSON.stringify(found ?? { message: "The daemon knows GetSamplingRules and SamplingTargets." }),
    );
  });

/** Starts the daemon on a free port of the loopback. Datagrams that hold no document are dropped, as the daemon does. */
export const startDaemon = async (onDocument: (text: string) => void): Promise<Daemon> => {
  const tcp = samplingServer();
  await new Promise<void>((resolve, reject) => {
    tcp.once("error", reject).listen(0, "127.0.0.1", resolve);
  });
  const { port } = tcp.address() as AddressInfo;
  const udp = createSocket("udp4");
  udp.on("message", (datagram) => {
    const text = documentIn(datagram);
    if (text !== undefined) onDocument(text);
  });
  await new Promise<void>((resolve, reject) => {
    udp.once("error", reject).bind(port, "127.0.0.1", resolve);
  });
  udp.unref();
  return {
    address: `127.0.0.1:${port}`,
    async close() {
      const closed = Promise.all([
        new Promise<void>((resolve) => udp.close(resolve)),
        new Promise<void>((resolve) => tcp.close(() => resolve())),
      ]);
      tcp.closeAllConnections();
      await closed;
    },
  };
};
