import { Logger } from "@aws-lambda-powertools/logger";

/** Structured JSON logs. Never log bodies, tokens, passwords or addresses of visitors. */
export const log = new Logger({ serviceName: "tenfold" });
