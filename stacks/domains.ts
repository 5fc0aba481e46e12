/** The short domains a deployment answers by, the first its own: `SHORT_DOMAINS=go.example.com,s.example.com sst deploy`. */
export const shortDomains = () =>
  (process.env.SHORT_DOMAINS ?? "")
    .split(",")
    .map((domain) => domain.trim().toLowerCase())
    .filter((domain) => domain !== "");
