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

/** What `x-amz-copy-source` names, as it is read wherever it matters; undefined for what cannot be read. */
export const copyAddressOf = (
  given: string,
): { readonly bucket: string; readonly key: string; readonly versionId?: string } | undefined => {
  const at = given.lastIndexOf("?versionId=");
  const [path, versionId] = at < 0 ? [given] : [given.slice(0, at), given.slice(at + 11)];
  try {
    const decoded = decodeURIComponent(path.replace(/^\//, ""));
    const slash = decoded.indexOf("/");
    const [bucket, key] = slash < 0 ? [decoded, ""] : [decoded.slice(0, slash), decoded.slice(slash + 1)];
    return { bucket, key, ...(versionId === undefined ? {} : { versionId }) };
  } catch {
    return undefined;
  }
};
