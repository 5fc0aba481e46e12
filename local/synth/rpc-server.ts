import { existsSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join, parse } from "node:path";
import { bootstrap } from "./account.ts";

/** What SST asks its CLI to build for one function. */
export interface BuildRequest {
  readonly functionID: string;
  readonly handler: string;
  readonly bundle?: string;
  readonly runtime: string;
  readonly links: Readonly<Record<string, unknown>>;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly copyFiles?: readonly { readonly from: string; readonly to: string }[];
}

export interface CliServer {
  readonly url: string;
  readonly builds: ReadonlyMap<string, BuildRequest>;
}

const extensions = [".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs"];

/** Answers what the platform asks of SST's CLI while it evaluates. A method that is not known fails by its name. */
export const startCliServer = async (root: string, emptyBundle: string): Promise<CliServer> => {
  const builds = new Map<string, BuildRequest>();
  const methods: Record<string, (argument: never) => unknown> = {
    "Provider.Aws.Bootstrap": ({ region }: { region: string }) => bootstrap(region),
    "Runtime.Build": (request: BuildRequest) => buildFunction(root, emptyBundle, builds, request),
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method, params } = JSON.parse(Buffer.concat(chunks).toString());
    response.setHeader("connection", "close");
    response.end(JSON.stringify(answer(methods, method, params[0])));
  });
  // The process ends when nothing is left to evaluate: neither the server nor an idle socket may hold it.
  server.on("connection", (socket) => socket.unref());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref();
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, builds };
};

const answer = (
  methods: Record<string, (argument: never) => unknown>,
  method: string,
  argument: unknown,
): unknown => {
  const run = methods[method];
  if (!run) return { error: `The local synth does not answer SST's call ${method}` };
  try {
    return { result: run(argument as never) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
};

const buildFunction = (
  root: string,
  emptyBundle: string,
  builds: Map<string, BuildRequest>,
  request: BuildRequest,
) => {
  builds.set(request.functionID, request);
  if (request.bundle) return { handler: request.handler, out: request.bundle, errors: [], sourcemaps: [] };
  if (request.runtime.startsWith("nodejs") && !handlerFile(root, request.handler)) {
    throw new Error(`handler not found: ${request.handler}`);
  }
  // As SST's own: the bundle is named `bundle`, whatever the source file's name.
  return { handler: `bundle${parse(request.handler).ext}`, out: emptyBundle, errors: [], sourcemaps: [] };
};

/** The source file of `path/to/file.export`, as SST finds it. */
export const handlerFile = (root: string, handler: string): string | undefined => {
  const base = join(root, dirname(handler), parse(handler).name);
  return extensions.map((ext) => base + ext).find((file) => existsSync(file));
};
