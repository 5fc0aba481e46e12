import { sendCode } from "./codes.ts";
import { attributeList, attributesOf, type Operation, poolNamed, userNamed } from "./context.ts";
import { errors, type Input, maybe, text } from "./errors.ts";
import { confirm } from "./sign-up.ts";
import type { Store, User } from "./store.ts";
import { endSessions } from "./tokens.ts";
import { createUser, setPassword, temporaryPassword } from "./users.ts";

const view = (user: User) => ({
  Username: user.username,
  UserCreateDate: user.createdAt / 1_000,
  UserLastModifiedDate: user.modifiedAt / 1_000,
  Enabled: user.enabled,
  UserStatus: user.status,
});

const createByAdmin: Operation = async (context, input) => {
  const { cloud } = context;
  const store = poolNamed(context, input);
  const password = maybe(input, "TemporaryPassword") ?? temporaryPassword(store.pool.policy);
  const attributes = attributesOf(input.UserAttributes);
  const user = createUser(store, text(input, "Username"), attributes, "FORCE_CHANGE_PASSWORD", cloud.clock);
  try {
    await setPassword(store, user, password, cloud.clock);
  } catch (error) {
    store.remove(user);
    throw error;
  }
  user.temporaryUntil = cloud.clock.now() + store.pool.policy.temporaryPasswordValidityDays * 86_400_000;
  store.changed();
  if (input.MessageAction !== "SUPPRESS") {
    cloud.print(`✉ ${user.attributes.email ?? user.username}: temporary password ${password}`);
  }
  return { User: { ...view(user), Attributes: attributeList(user) } };
};

const setPasswordByAdmin: Operation = async (context, input) => {
  const store = poolNamed(context, input);
  const user = userNamed(store, input);
  const { clock } = context.cloud;
  await setPassword(store, user, text(input, "Password"), clock);
  user.status = input.Permanent === true ? "CONFIRMED" : "FORCE_CHANGE_PASSWORD";
  if (input.Permanent !== true) {
    user.temporaryUntil = clock.now() + store.pool.policy.temporaryPasswordValidityDays * 86_400_000;
  }
  store.changed();
  return {};
};

const getByAdmin: Operation = (context, input) => {
  const user = userNamed(poolNamed(context, input), input);
  return { ...view(user), UserAttributes: attributeList(user) };
};

/** An operation that changes one user of a pool and answers nothing. */
const changing =
  (change: (store: Store, user: User, input: Input, now: number) => void): Operation =>
  (context, input) => {
    const store = poolNamed(context, input);
    const user = userNamed(store, input);
    change(store, user, input, context.cloud.clock.now());
    store.changed();
    return {};
  };

const FILTER = /^\s*"?([\w:]+)"?\s*(\^?=)\s*"(.*)"\s*$/;

const matcher = (filter: string | undefined) => {
  if (!filter) return () => true;
  const [, name = "", operator, value = ""] = FILTER.exec(filter) ?? [];
  if (!operator) throw errors.parameter("Error while parsing filter.");
  const read = (user: User): string | undefined => {
    if (name === "username" || name === "sub") return user[name];
    if (name === "status") return user.enabled ? "Enabled" : "Disabled";
    return name === "cognito:user_status" ? user.status : user.attributes[name];
  };
  return (user: User) => (operator === "=" ? read(user) === value : (read(user)?.startsWith(value) ?? false));
};

const list: Operation = (context, input) => {
  const store = poolNamed(context, input);
  const limit = typeof input.Limit === "number" ? Math.min(input.Limit, 60) : 60;
  const from = Number(maybe(input, "PaginationToken") ?? 0);
  const all = store.state.users.filter(matcher(maybe(input, "Filter")));
  const page = all.slice(from, from + limit);
  return {
    Users: page.map((user) => ({ ...view(user), Attributes: attributeList(user) })),
    ...(from + limit < all.length ? { PaginationToken: String(from + limit) } : {}),
  };
};

const checkGroup = (store: Store, input: Input) => {
  const name = text(input, "GroupName");
  if (store.pool.groups.includes(name)) return name;
  throw errors.parameter(`Group ${name} does not exist.`);
};

const groupsOf: Operation = (context, input) => {
  const store = poolNamed(context, input);
  const Groups = userNamed(store, input).groups.map((GroupName) => ({
    GroupName,
    UserPoolId: store.pool.id,
  }));
  return { Groups };
};

const reset: Operation = (context, input) => {
  const store = poolNamed(context, input);
  const user = userNamed(store, input);
  user.status = "RESET_REQUIRED";
  sendCode(context, store, user, "reset");
  return {};
};

/** What needs AWS credentials. */
export const adminOperations: Record<string, Operation> = {
  AdminCreateUser: createByAdmin,
  AdminSetUserPassword: setPasswordByAdmin,
  AdminResetUserPassword: reset,
  AdminGetUser: getByAdmin,
  AdminDeleteUser: changing((store, user) => store.remove(user)),
  AdminConfirmSignUp: changing((store, user, _, now) => confirm(store, user, undefined, now)),
  AdminEnableUser: changing((_, user) => void Object.assign(user, { enabled: true })),
  AdminDisableUser: changing((_, user) => void Object.assign(user, { enabled: false })),
  AdminUpdateUserAttributes: changing((_, user, input, now) => {
    Object.assign(user.attributes, attributesOf(input.UserAttributes));
    user.modifiedAt = now;
  }),
  AdminUserGlobalSignOut: changing((store, user) => endSessions(store, (s) => s.username === user.username)),
  AdminAddUserToGroup: changing((store, user, input) => {
    user.groups = [...new Set([...user.groups, checkGroup(store, input)])];
  }),
  AdminRemoveUserFromGroup: changing((store, user, input) => {
    const name = checkGroup(store, input);
    user.groups = user.groups.filter((g) => g !== name);
  }),
  AdminListGroupsForUser: groupsOf,
  ListUsers: list,
};
