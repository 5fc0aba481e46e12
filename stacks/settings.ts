/** The short domains a deployment answers by, the first its own: `SHORT_DOMAINS=go.example.com,s.example.com sst deploy`. */
export const shortDomains = () =>
  (process.env.SHORT_DOMAINS ?? "")
    .split(",")
    .map((domain) => domain.trim().toLowerCase())
    .filter((domain) => domain !== "");

/** Servers of Valkey this stage uses: `VALKEY_NODES=redis://127.0.0.1:6379 npm start`. */
export const valkeyNodes = (): string | undefined => process.env.VALKEY_NODES?.trim() || undefined;

/** How keys spread over them: each on its own (`single`), or slots of one cluster: `VALKEY_MODE=cluster VALKEY_NODES=… npm start`. */
export const valkeyMode = () => {
  const mode = process.env.VALKEY_MODE?.trim() || "single";
  if (mode === "single" || mode === "cluster") return mode;
  throw new Error(`VALKEY_MODE is "single" or "cluster", not "${mode}"`);
};

/** How codes are made: from the URL's hash, or from a counter: `CODE_STRATEGY=counter sst deploy`. */
export const codeStrategy = () => {
  const strategy = process.env.CODE_STRATEGY ?? "hash";
  if (strategy === "hash" || strategy === "counter") return strategy;
  throw new Error(`CODE_STRATEGY is "hash" or "counter", not "${strategy}"`);
};
