/** What is wrong with a body while it is still arriving: the stream a service reads fails with it, and it is the answer. */
export class BodyFault extends Error {
  readonly status: number;
  readonly code: string;
  /** Further elements of the error document, by name. */
  readonly fields: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, fields: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = code;
    this.status = status;
    this.code = code;
    this.fields = fields;
  }
}
