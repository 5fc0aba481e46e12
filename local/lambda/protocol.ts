/** What the host and an execution environment's thread say to each other. Plain data: it crosses a message port. */

/** An error as the Lambda Runtime API carries it. */
export interface RuntimeError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

/** Given to the thread when it starts. */
export interface RuntimeStart {
  /** `file://` URL of the bundle. */
  readonly bundle: string;
  /** The exported name, e.g. `handler`. */
  readonly exportName: string;
  /** As Lambda names it in errors: `bundle.handler`. */
  readonly handlerName: string;
  /** Node's major version in the function's runtime: from 24 on, Lambda refuses callback handlers. */
  readonly nodeMajor: number;
  readonly logFormat: "JSON" | "Text";
  readonly logLevel: string;
}

/** Host → thread: one event. */
export interface InvokeMessage {
  readonly requestId: string;
  /** JSON. */
  readonly event: string;
  /** Milliseconds the function may run. */
  readonly remainingMs: number;
  readonly functionArn: string;
  readonly trace: string;
  readonly clientContext?: unknown;
  /** How far the local cloud's clock is ahead of the machine's, so that the function reads the same time. */
  readonly clockOffsetMs: number;
}

/** A line the function wrote. `raw` lines came from stdout or stderr directly, not through `console`. */
export interface LogLine {
  readonly timeMs: number;
  readonly text: string;
  readonly requestId?: string;
  readonly raw?: true;
}

/** Thread → host. */
export type RuntimeMessage =
  | { readonly type: "ready"; readonly importMs: number }
  | { readonly type: "init-error"; readonly error: RuntimeError }
  | { readonly type: "result"; readonly requestId: string; readonly body: string; readonly heapMb: number }
  | {
      readonly type: "error";
      readonly requestId: string;
      readonly error: RuntimeError;
      readonly heapMb: number;
      /** The thread ends right after: it takes no further event. */
      readonly fatal: boolean;
    }
  | { readonly type: "log"; readonly line: LogLine };
