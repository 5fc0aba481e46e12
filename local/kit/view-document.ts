/** What a view of the console answers in place of JSON: a document that a page frames, or a file that a person keeps. */
export class ViewDocument {
  readonly body: string | Buffer;
  readonly headers: Readonly<Record<string, string>>;

  constructor(body: string | Buffer, headers: Readonly<Record<string, string>>) {
    this.body = body;
    this.headers = headers;
  }
}

/** The header that makes a browser keep a file under a name, whatever letters the name has (RFC 6266). */
export const keepAs = (name: string): string => {
  const plain = name.replace(/[^\w. -]/g, "_") || "file";
  const whole = encodeURIComponent(name || "file").replace(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16)}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${whole}`;
};
