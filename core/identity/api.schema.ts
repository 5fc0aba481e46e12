import { defineApi } from "../kit/api.schema.ts";
import type { ProblemKind } from "../kit/problem.ts";
import { Confirmation, Session, SignedUp, SignIn, SignUp } from "./account.schema.ts";

// What fails counts to the address, whichever accounts it tries, and to the account, from wherever it is tried.
const tries = (problem: ProblemKind) =>
  [
    { rule: "sign-in-tries", by: ["ip"], only: [problem] },
    { rule: "sign-in-tries-account", by: ["account"], only: [problem] },
  ] as const;

const open = { method: "POST", auth: "none", limit: "write" } as const;

/** Accounts and sessions, in front of the user pool. */
export const identityApi = defineApi({
  signUp: {
    ...open,
    path: "/api/v1/auth/sign-up",
    handler: "identity/sign-up",
    summary: "Open an account.",
    limits: [{ rule: "sign-in-tries", by: ["ip"] }], // each sends a mail
    body: SignUp,
    replies: { 201: SignedUp },
    problems: ["account-exists"],
  },
  confirm: {
    ...open,
    path: "/api/v1/auth/confirm",
    handler: "identity/confirm",
    summary: "Confirm an account with the code that was mailed.",
    limits: tries("invalid-request"),
    body: Confirmation,
    replies: { 204: null },
  },
  signIn: {
    ...open,
    path: "/api/v1/auth/sign-in",
    handler: "identity/sign-in",
    summary: "Sign in: an access token, and a refresh cookie scripts cannot read.",
    limits: tries("sign-in-failed"),
    body: SignIn,
    replies: { 200: Session },
    problems: ["sign-in-failed"],
  },
  refresh: {
    ...open,
    path: "/api/v1/auth/refresh",
    handler: "identity/refresh",
    summary: "A new access token for the refresh cookie.",
    replies: { 200: Session },
  },
  signOut: {
    ...open,
    path: "/api/v1/auth/sign-out",
    handler: "identity/sign-out",
    summary: "Revoke the refresh token and clear its cookie.",
    replies: { 204: null },
  },
});
