import type { AwsService, UnsignedCall } from "../../kit/cloud.ts";

/** `<bucket>.s3.<region>.amazonaws.com`, `<bucket>.s3.localhost`, `<bucket>.localhost`: the bucket may hold dots itself. */
const HOST =
  /^(?<bucket>[a-z0-9][a-z0-9.-]{1,61}?[a-z0-9])\.(?:s3(?:[.-][a-z0-9-]+)*\.(?:amazonaws\.com(?:\.cn)?|localhost)|localhost)(?::\d+)?$/;

/** S3's own hosts, which name no bucket. */
const SERVICE_HOST = /^(?:s3(?:[.-][a-z0-9-]+)*\.(?:amazonaws\.com(?:\.cn)?|localhost)|localhost)(?::\d+)?$/;

/** The bucket that a host names; undefined for addresses of the endpoint itself. */
export const bucketOfHost = (host: string | undefined): string | undefined => {
  const name = host?.toLowerCase() ?? "";
  return SERVICE_HOST.test(name) ? undefined : HOST.exec(name)?.groups?.bucket;
};

/** The same call in path style. */
export const toPathStyle = <Call extends UnsignedCall>(call: Call): Call => {
  const bucket = bucketOfHost(call.headers.host);
  return bucket === undefined ? call : { ...call, path: `/${bucket}${call.path}` };
};

/** Lets S3 be called by virtual hosts: to what is behind, every call is in path style. */
export const withVirtualHosts = (service: AwsService): AwsService => ({
  ...service,
  handle: (request) => service.handle(toPathStyle(request)),
  ...(service.unsigned && {
    unsigned: (call: UnsignedCall) =>
      bucketOfHost(call.headers.host) !== undefined || service.unsigned?.(call) === true,
  }),
  ...(service.operation && { operation: (call: UnsignedCall) => service.operation?.(toPathStyle(call)) }),
});
