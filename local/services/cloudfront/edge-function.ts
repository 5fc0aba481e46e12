import { createHash, createHmac } from "node:crypto";
import { createContext, Script } from "node:vm";
import type { KeyValues } from "./key-values.ts";

/** A value of a header, cookie or query parameter in a function's event. */
export interface EventValue {
  value: string;
  multiValue?: { value: string }[];
}

export interface FunctionRequest {
  method: string;
  uri: string;
  querystring: Record<string, EventValue>;
  headers: Record<string, EventValue>;
  cookies?: Record<string, EventValue>;
}

export interface FunctionResponse {
  statusCode: number;
  statusDescription?: string;
  headers?: Record<string, EventValue>;
  cookies?: Record<string, EventValue & { attributes?: string }>;
  body?: string | { encoding?: "text" | "base64"; data?: string };
}

/** What `updateRequestOrigin` was given. */
export interface OriginChange {
  readonly domainName?: string;
  readonly originPath?: string;
  readonly customHeaders?: Record<string, string>;
  readonly customOriginConfig?: { readonly port?: number; readonly protocol?: string };
  readonly originAccessControlConfig?: { readonly enabled?: boolean; readonly signingBehavior?: string };
}

export interface FunctionOutcome {
  readonly result: FunctionRequest | FunctionResponse;
  readonly origin?: OriginChange;
}

/** Runs one CloudFront Function on one event. */
export type EdgeFunction = (event: Record<string, unknown>) => Promise<FunctionOutcome>;

// Runtime 2.0 offers these modules and nothing of Node.
const hashes = new Set(["md5", "sha1", "sha256"]);
const known = (algorithm: string) => {
  if (!hashes.has(algorithm)) throw new Error(`unknown algorithm ${algorithm}`);
  return algorithm;
};
const modules: Readonly<Record<string, unknown>> = {
  crypto: {
    createHash: (algorithm: string) => createHash(known(algorithm)),
    createHmac: (algorithm: string, key: string) => createHmac(known(algorithm), key),
  },
  querystring: {
    parse: (text: string) => Object.fromEntries(new URLSearchParams(text)),
    stringify: (record: Record<string, string>) => new URLSearchParams(record).toString(),
    escape: encodeURIComponent,
    unescape: decodeURIComponent,
  },
};

const IMPORT = /^[ \t]*import\s+(?:\*\s+as\s+)?([\w$]+|\{[^}]*\})\s+from\s+["']([^"']+)["'];?/gm;

/** A module's imports become lookups, so that each call can be given its own `cloudfront` module. */
const wrap = (code: string): string => {
  const body = code.replace(
    IMPORT,
    (_, binding: string, module: string) =>
      `const ${binding.replaceAll(" as ", ": ")} = require(${JSON.stringify(module)});`,
  );
  return `(function (require) {\n${body}\nreturn handler;\n})`;
};

const kvsHandle = (values: KeyValues | undefined) => ({
  async get(key: string, options?: { format?: string }): Promise<unknown> {
    const value = values?.get(key);
    if (value === undefined) throw new Error("KeyNotFound");
    if (options?.format === "json") return JSON.parse(value);
    return options?.format === "bytes" ? Buffer.from(value) : value;
  },
  exists: async (key: string): Promise<boolean> => values?.get(key) !== undefined,
  count: async (): Promise<number> => values?.count() ?? 0,
});

/** Compiles a function's code once; each call runs in fresh closures, as each CloudFront call starts anew. */
export const compileFunction = (
  code: string,
  store: (id?: string) => KeyValues | undefined,
  log: (line: string) => void,
): EdgeFunction => {
  const print = (...parts: unknown[]) => log(parts.map(String).join(" "));
  const context = createContext(
    { console: { log: print, error: print, warn: print, info: print }, Buffer, atob, btoa },
    { codeGeneration: { strings: false, wasm: false } },
  );
  const factory: (require: (name: string) => unknown) => (event: unknown) => unknown = new Script(
    wrap(code),
  ).runInContext(context);
  return async (event) => {
    let origin: OriginChange | undefined;
    const cloudfront = {
      kvs: (id?: string) => kvsHandle(store(id)),
      updateRequestOrigin: (change: OriginChange) => {
        origin = { ...origin, ...change };
      },
    };
    const require = (name: string): unknown => {
      if (name === "cloudfront") return { ...cloudfront, default: cloudfront };
      const found = modules[name];
      if (!found) throw new Error(`CloudFront Functions have no module "${name}"`);
      return found;
    };
    const result = (await factory(require)(event)) as FunctionOutcome["result"];
    if (typeof result !== "object" || result === null) throw new Error("the function returned nothing");
    return { result, ...(origin ? { origin } : {}) };
  };
};
