const NAME = "refresh_token";
const PATH = "/api/v1/auth";
const MAX_AGE = 30 * 86_400; // seconds; the user pool's own limit is what counts

// Out of reach of scripts, never sent with a request that another site starts, and to the session's own routes only.
// Browsers take Secure cookies from http://localhost too.
const ATTRIBUTES = `Path=${PATH}; HttpOnly; Secure; SameSite=Strict`;

/** `Set-Cookie` line that keeps a refresh token. */
export const keepRefresh = (token: string): string => `${NAME}=${token}; Max-Age=${MAX_AGE}; ${ATTRIBUTES}`;

/** `Set-Cookie` line that takes it away. */
export const dropRefresh = (): string => `${NAME}=; Max-Age=0; ${ATTRIBUTES}`;

/** The refresh token a request carries. */
export const readRefresh = (cookies: Readonly<Record<string, string>>): string | undefined =>
  cookies[NAME] || undefined;
