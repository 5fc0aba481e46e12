import { type FormEvent, useState } from "react";
import { type Failure, fieldMessages } from "../api/failure.ts";
import { signIn } from "../api/session.ts";
import { Link, navigate, useTitle } from "../shell/router.tsx";
import { Button } from "../ui/button.tsx";
import { TextField } from "../ui/field.tsx";
import { FailureNotice } from "../ui/surface.tsx";
import "./account.css";

/** Text of a form's field. */
export const textOf = (form: FormData, name: string): string => {
  const value = form.get(name);
  return typeof value === "string" ? value : "";
};

/** The page of this app that sent its visitor here; nothing but a page's name is taken for one. */
const backTo = (): string => {
  const back = new URLSearchParams(location.search).get("back") ?? "";
  return /^\/[a-z]+$/.test(back) ? back : "/shortener";
};

const useSignIn = () => {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    const outcome = await signIn({ email: textOf(form, "email"), password: textOf(form, "password") });
    setBusy(false);
    setFailure(outcome.ok ? undefined : outcome.failure);
    if (outcome.ok) navigate(backTo());
  };
  return { busy, failure, errors: fieldMessages(failure), submit };
};

const SignInForm = () => {
  const { busy, failure, errors, submit } = useSignIn();
  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <TextField
        label="E-mail"
        name="email"
        type="email"
        autoComplete="username"
        required
        error={errors["/email"]}
      />
      <TextField
        label="Password"
        name="password"
        type="password"
        autoComplete="current-password"
        required
        error={errors["/password"]}
      />
      {Object.keys(errors).length === 0 && <FailureNotice failure={failure} />}
      <Button type="submit" look="primary" busy={busy}>
        Sign in
      </Button>
    </form>
  );
};

/** Sign-in with e-mail and password. */
export const SignInPage = () => {
  useTitle("Sign in");
  return (
    <div className="card stack account-form">
      <h1 tabIndex={-1}>Sign in</h1>
      <p className="quiet small">
        Links made while signed in are yours: listed, edited, counted. Shortening works without.
      </p>
      <SignInForm />
      <p className="small quiet">
        No account yet? <Link to="/sign-up">Create one</Link>
      </p>
    </div>
  );
};
