import { fault } from "./fault.ts";

/** Which bucket and key a path-style request line means. Throws InvalidURI. */
export const addressOf = (path: string): { bucket: string; key: string } => {
  const slash = path.indexOf("/", 1);
  const [bucket, key] = slash < 0 ? [path.slice(1), ""] : [path.slice(1, slash), path.slice(slash + 1)];
  try {
    return { bucket: decodeURIComponent(bucket), key: decodeURIComponent(key) };
  } catch {
    throw fault("InvalidURI", { URI: path });
  }
};
