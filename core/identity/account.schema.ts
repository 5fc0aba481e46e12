import * as v from "valibot";

const Email = v.pipe(
  v.string(),
  v.trim(),
  v.toLowerCase(),
  v.email("Give an e-mail address"),
  v.maxLength(254),
);
const Password = v.pipe(v.string(), v.minLength(1, "Give a password"), v.maxLength(256));

/** Body of sign-up and sign-in. The pool's own policy judges a new password. */
export const SignIn = v.strictObject({ email: Email, password: Password });
export const SignUp = SignIn;
export type SignIn = v.InferOutput<typeof SignIn>;

/** Body of the confirmation: the code that was mailed. */
export const Confirmation = v.strictObject({
  email: Email,
  code: v.pipe(v.string(), v.trim(), v.regex(/^\d{6}$/, "The code has six digits")),
});

/** What signing in or refreshing gives. The refresh token travels in an HttpOnly cookie only. */
export const Session = v.object({
  access_token: v.string(),
  /** Seconds. */
  expires_in: v.number(),
  user: v.object({ id: v.string(), email: v.string() }),
});
export type Session = v.InferOutput<typeof Session>;

/** Answer of sign-up: whether a code was mailed that must be confirmed first. */
export const SignedUp = v.object({ confirmed: v.boolean() });
