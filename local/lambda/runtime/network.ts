import net from "node:net";

/** Every API of AWS's: `sqs.eu-west-1.amazonaws.com`, `….amazonaws.com.cn`, dual-stack `sqs.eu-west-1.api.aws`. */
const AWS_HOST = /(?:^|\.)(?:amazonaws\.com(?:\.cn)?|api\.aws)\.?$/i;

/** The host that `socket.connect(…)` was given, in any of its forms; undefined for a pipe or this machine. */
const hostOf = (given: readonly unknown[]): string | undefined => {
  // `net.connect` hands its arguments on as one list
  const [first, second] = Array.isArray(given[0]) ? (given[0] as unknown[]) : given;
  if (typeof first === "object" && first !== null && "host" in first) return String(first.host);
  return typeof second === "string" ? second : undefined;
};

/**
 * Refuses connections to AWS from this thread. The endpoint variables keep a client on this machine unless its code names an
 * endpoint, a stored queue URL for one; below every client, `fetch`, HTTP/2 and TLS there is this one call.
 */
export const stayOnThisMachine = (): void => {
  const { connect } = net.Socket.prototype;
  const guarded = function (this: net.Socket, ...given: unknown[]) {
    const host = hostOf(given);
    if (host === undefined || !AWS_HOST.test(host)) return Reflect.apply(connect, this, given);
    const message = `A call to ${host} was not sent: the local cloud never calls AWS. Its endpoint is ${process.env.AWS_ENDPOINT_URL}.`;
    console.error(message);
    // Later, as a failed look-up would be: by then whoever connects listens for errors.
    setImmediate(() => this.destroy(Object.assign(new Error(message), { code: "ERR_AWS_NOT_CALLED" })));
    return this;
  };
  Object.defineProperty(net.Socket.prototype, "connect", { value: guarded, writable: true });
};
