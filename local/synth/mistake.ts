import type { BuildFailure } from "esbuild";

/** A mistake in the app, as told to its author. */
export interface Mistake {
  readonly message: string;
  /** `stacks/orders.ts:24`, when it is known. */
  readonly source?: string;
}

/** The app could not be evaluated. `message` is all that need be printed. */
export class SynthError extends Error {
  readonly mistakes: readonly Mistake[];
  constructor(mistakes: readonly Mistake[]) {
    super(
      mistakes.map(({ message, source }) => (source ? `${message}\n    at ${source}` : message)).join("\n\n"),
    );
    this.name = "SynthError";
    this.mistakes = mistakes;
  }
}

const isBuildFailure = (error: unknown): error is BuildFailure =>
  error instanceof Error && "errors" in error && Array.isArray(error.errors);

/** What went wrong, in the words of whoever noticed: esbuild, SST, Pulumi or V8. */
export const mistakeOf = (error: unknown, source: string | undefined): Mistake => {
  if (isBuildFailure(error)) {
    const [first] = error.errors;
    const at = first?.location;
    return { message: first?.text ?? error.message, ...(at ? { source: `${at.file}:${at.line}` } : {}) };
  }
  const message = error instanceof Error ? error.message : String(error);
  // SST's own mistakes speak for themselves; V8's are named by their kind.
  const kind = error instanceof Error && error.name !== "Error" ? `${error.name}: ` : "";
  return { message: kind + message, ...(source ? { source } : {}) };
};
