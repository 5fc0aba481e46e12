import type * as v from "valibot";
import type { Session as SessionSchema, SignIn } from "#core/identity/account.schema.ts";
import { identityApi } from "#core/identity/api.schema.ts";
import { createStore } from "../ui/store.ts";
import { type Outcome, send } from "./send.ts";

type Session = v.InferOutput<typeof SessionSchema>;

/** Who is signed in. The token lives in memory only; a reload gets a new one for the HttpOnly refresh cookie. */
export type SessionState =
  | { readonly status: "resuming" }
  /** `ended`: somebody was signed in here until the server no longer took the session. */
  | { readonly status: "anonymous"; readonly ended?: boolean }
  | { readonly status: "signed-in"; readonly token: string; readonly user: Session["user"] };

// Tells only that a cookie may exist, so that a first visit sends no refresh that must fail.
const hint = "tenfold.session";
const readHint = () => {
  try {
    return localStorage.getItem(hint) !== null;
  } catch {
    return false;
  }
};
const writeHint = (present: boolean) => {
  try {
    if (present) localStorage.setItem(hint, "1");
    else localStorage.removeItem(hint);
  } catch {
    // Storage is off: signing in lasts as long as the page.
  }
};

const store = createStore<SessionState>({ status: readHint() ? "resuming" : "anonymous" });

const enter = (session: Session) => {
  writeHint(true);
  store.set({ status: "signed-in", token: session.access_token, user: session.user });
};

const leave = (ended = false) => {
  writeHint(false);
  store.set({ status: "anonymous", ended });
};

/** Who is signed in; the component follows it. */
export const useSession = (): SessionState => store.use();

/** The current access token. */
export const currentToken = (): string | undefined => {
  const state = store.get();
  return state.status === "signed-in" ? state.token : undefined;
};

/** Signs in and remembers it. */
export const signIn = async (body: SignIn): Promise<Outcome<typeof identityApi.signIn>> => {
  const outcome = await send(identityApi.signIn, { body });
  if (outcome.ok) enter(outcome.data);
  return outcome;
};

/** Signs out here and on the server; the server's failure does not keep anybody signed in here. */
export const signOut = async (): Promise<void> => {
  await send(identityApi.signOut, {});
  leave();
};

let refreshing: Promise<string | undefined> | undefined;

const askAgain = async (): Promise<string | undefined> => {
  const outcome = await send(identityApi.refresh, {});
  if (outcome.ok) {
    enter(outcome.data);
    return outcome.data.access_token;
  }
  // Without an answer nothing is known: the cookie may still be good, so the hint stays for the next load.
  if (outcome.failure.kind === "offline") store.set({ status: "anonymous" });
  else leave(store.get().status === "signed-in");
  return undefined;
};

/** A new token for the refresh cookie. Calls that fail together share one refresh. */
export const refresh = (): Promise<string | undefined> => {
  refreshing ??= askAgain().finally(() => {
    refreshing = undefined;
  });
  return refreshing;
};

/** Takes a session up again after a load, and follows a sign-out in another tab. */
export const resume = (): void => {
  if (store.get().status === "resuming") void refresh();
  addEventListener("storage", (event) => {
    if (event.key === hint && event.newValue === null) store.set({ status: "anonymous" });
  });
};

/** The token once it is known whether there is one. */
export const settledToken = async (): Promise<string | undefined> =>
  store.get().status === "resuming" ? refresh() : currentToken();

/** Who is signed in, once it is known. */
export const settled = async (): Promise<SessionState> => {
  await settledToken();
  return store.get();
};
