/** What a handler answers: data, not an AWS shape. `body` is a value for JSON, or text or bytes with their own `type`. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Media type of a text or binary body; without it the body is sent as JSON. */
  readonly type?: string;
  /** One `Set-Cookie` line each. */
  readonly cookies?: readonly string[];
}

type Headers = Readonly<Record<string, string>>;

/** 200 with JSON. */
export const ok = (body: unknown, headers?: Headers): Reply => ({
  status: 200,
  body,
  ...(headers && { headers }),
});

/** 201 with JSON and, where the thing has an address, its Location. */
export const created = (body: unknown, location?: string): Reply => ({
  status: 201,
  body,
  ...(location !== undefined && { headers: { location } }),
});

/** 202 with JSON: taken, not yet done. */
export const accepted = (body: unknown): Reply => ({ status: 202, body });

/** 204: done, nothing to say. */
export const noContent = (headers?: Headers): Reply => ({ status: 204, ...(headers && { headers }) });

/** Text or bytes of any media type. */
export const content = (type: string, body: string | Uint8Array, headers?: Headers, status = 200): Reply => ({
  status,
  type,
  body,
  ...(headers && { headers }),
});

/** 301, 302, 303, 307 or 308 to `location`. */
export const redirect = (
  status: 301 | 302 | 303 | 307 | 308,
  location: string,
  headers?: Headers,
): Reply => ({
  status,
  headers: { location, ...headers },
});
