import type { EventName, ObjectEvent, S3Request } from "./contract.ts";
import type { BucketSettings, Version } from "./types.ts";

/** A version's place in its key's history, as events tell it: text of one length, so that it compares as text. */
export const sequencerOf = (sequence: number): string =>
  sequence.toString(16).toUpperCase().padStart(18, "0");

/** What a call did to a version, for those who want to know. */
export const eventOf = (
  name: EventName,
  request: Pick<S3Request, "bucket" | "trace" | "caller" | "sourceIp" | "requestId">,
  version: Partial<Version> & { key: string; sequence: number },
  { settings, at }: { settings: BucketSettings; at: number },
): ObjectEvent => {
  const object = "size" in version && !version.marker ? version : undefined;
  return {
    name,
    bucket: request.bucket,
    key: version.key,
    ...(object?.size !== undefined && object.etag !== undefined
      ? { size: object.size, etag: object.etag }
      : {}),
    ...(settings.versioning && version.versionId !== undefined ? { versionId: version.versionId } : {}),
    sequencer: sequencerOf(version.sequence),
    at,
    requester: request.caller?.accessKeyId ?? "Anonymous",
    sourceIp: request.sourceIp,
    requestId: request.requestId,
    ...(request.trace === undefined ? {} : { trace: request.trace }),
  };
};
