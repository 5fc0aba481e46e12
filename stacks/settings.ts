/** The short domains a deployment answers by, the first its own: `SHORT_DOMAINS=go.example.com,s.example.com sst deploy`. */
export const shortDomains = () =>
  (process.env.SHORT_DOMAINS ?? "")
    .split(",")
    .map((domain) => domain.trim().toLowerCase())
    .filter((domain) => domain !== "");

/** Servers of Valkey this stage uses, each on its own: `VALKEY_NODES=redis://127.0.0.1:6379 npm start`. */
export const valkeyNodes = (): string | undefined => process.env.VALKEY_NODES?.trim() || undefined;

/** How codes are made: from the URL's hash, or from a counter: `CODE_STRATEGY=counter sst deploy`. */
export const codeStrategy = () => {
  const strategy = process.env.CODE_STRATEGY ?? "hash";
  if (strategy === "hash" || strategy === "counter") return strategy;
  throw new Error(`CODE_STRATEGY is "hash" or "counter", not "${strategy}"`);
};
