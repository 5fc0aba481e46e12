import { destination, sendCode, spendCode } from "./codes.ts";
import { attributesOf, type Context, type Operation, publicClient } from "./context.ts";
import { errors, type Input, text } from "./errors.ts";
import { checkPolicy } from "./passwords.ts";
import type { ClientSettings } from "./pools.ts";
import type { Store, User } from "./store.ts";
import { createUser, setPassword } from "./users.ts";

const withDelivery = (to: ReturnType<typeof destination>) => (to ? { CodeDeliveryDetails: to } : {});

const signUp: Operation = async (context, input) => {
  const { clock } = context.cloud;
  const name = text(input, "Username");
  const { store } = publicClient(context, input, name);
  if (store.pool.adminOnly) throw errors.refused("SignUp is not permitted for this user pool");
  const password = text(input, "Password");
  checkPolicy(password, store.pool.policy); // before the name is taken
  const user = createUser(store, name, attributesOf(input.UserAttributes), "UNCONFIRMED", clock);
  await setPassword(store, user, password, clock);
  const to = store.pool.autoVerified.length > 0 ? sendCode(context, store, user, "signUp") : undefined;
  return { UserConfirmed: false, UserSub: user.sub, ...withDelivery(to) };
};

/** Confirms an account and, as the code reached it, the address it was sent to. */
export const confirm = (store: Store, user: User, verified: string | undefined, now: number): void => {
  user.status = "CONFIRMED";
  user.modifiedAt = now;
  if (verified) user.attributes[`${verified}_verified`] = "true";
  store.changed();
};

const confirmSignUp: Operation = (context, input) => {
  const name = text(input, "Username");
  const { store, client } = publicClient(context, input, name);
  const user = store.find(name);
  if (!user) throw client.hidesUsers ? errors.expiredCode() : errors.noUser();
  if (user.status !== "UNCONFIRMED") {
    throw errors.refused(`User cannot be confirmed. Current status is ${user.status}`);
  }
  spendCode(context, store, user, "signUp", text(input, "ConfirmationCode"));
  confirm(store, user, destination(store, user.attributes)?.AttributeName, context.cloud.clock.now());
  return {};
};

/** What a caller sees for a user that does not exist, when the client hides that. */
const pretended = (store: Store, name: string) =>
  withDelivery(destination(store, name.includes("@") ? { email: name } : { email: `${name}@example.com` }));

const found = (context: Context, input: Input): { store: Store; client: ClientSettings; user?: User } => {
  const name = text(input, "Username");
  const { store, client } = publicClient(context, input, name);
  const user = store.find(name);
  if (!user && !client.hidesUsers) throw errors.noUser();
  return { store, client, ...(user ? { user } : {}) };
};

const resend: Operation = (context, input) => {
  const { store, user } = found(context, input);
  if (!user) return pretended(store, text(input, "Username"));
  if (user.status !== "UNCONFIRMED") throw errors.parameter("User is already confirmed.");
  return withDelivery(sendCode(context, store, user, "signUp"));
};

const forgot: Operation = (context, input) => {
  const { store, user } = found(context, input);
  if (!user) return pretended(store, text(input, "Username"));
  if (!user.enabled) throw errors.disabled();
  const verified = ["email", "phone_number"].some((a) => user.attributes[`${a}_verified`] === "true");
  if (!verified) {
    const message =
      "Cannot reset password for the user as there is no registered/verified email or phone_number";
    throw errors.parameter(message);
  }
  if (user.status === "FORCE_CHANGE_PASSWORD") {
    throw errors.refused("User password cannot be reset in the current state.");
  }
  return withDelivery(sendCode(context, store, user, "reset"));
};

const confirmForgot: Operation = async (context, input) => {
  const { store, user } = found(context, input);
  const password = text(input, "Password");
  checkPolicy(password, store.pool.policy); // before the code is spent
  if (!user) throw errors.wrongCode();
  spendCode(context, store, user, "reset", text(input, "ConfirmationCode"));
  await setPassword(store, user, password, context.cloud.clock);
  confirm(store, user, undefined, context.cloud.clock.now());
  context.lockout.clear(user.username);
  return {};
};

/** Opening an account, and getting back into one. */
export const signUpOperations: Record<string, Operation> = {
  SignUp: signUp,
  ConfirmSignUp: confirmSignUp,
  ResendConfirmationCode: resend,
  ForgotPassword: forgot,
  ConfirmForgotPassword: confirmForgot,
};
