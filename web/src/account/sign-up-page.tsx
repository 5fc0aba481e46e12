import { type FormEvent, useState } from "react";
import { identityApi } from "#core/identity/api.schema.ts";
import { type Failure, fieldMessages } from "../api/failure.ts";
import { send } from "../api/send.ts";
import { signIn } from "../api/session.ts";
import { Link, navigate, useTitle } from "../shell/router.tsx";
import { Button } from "../ui/button.tsx";
import { TextField } from "../ui/field.tsx";
import { FailureNotice } from "../ui/surface.tsx";
import { textOf } from "./sign-in-page.tsx";

interface Pending {
  readonly email: string;
  readonly password: string;
}

const enter = async (account: Pending) => {
  const outcome = await signIn(account);
  navigate(outcome.ok ? "/shortener" : "/sign-in");
};

const useSubmit = (run: (form: FormData) => Promise<Failure | undefined>) => {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setFailure(await run(form));
    setBusy(false);
  };
  const errors = fieldMessages(failure);
  return { busy, failure: Object.keys(errors).length === 0 ? failure : undefined, errors, submit };
};

const Confirm = ({ account }: { account: Pending }) => {
  const { busy, failure, errors, submit } = useSubmit(async (form) => {
    const body = { email: account.email, code: textOf(form, "code") };
    const outcome = await send(identityApi.confirm, { body });
    if (!outcome.ok) return outcome.failure;
    await enter(account);
    return undefined;
  });
  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <p role="status">A code is on its way to {account.email}.</p>
      <TextField
        label="Code"
        name="code"
        inputMode="numeric"
        autoComplete="one-time-code"
        maxLength={6}
        error={errors["/code"]}
      />
      <FailureNotice failure={failure} />
      <Button type="submit" look="primary" busy={busy}>
        Confirm
      </Button>
    </form>
  );
};

const Register = ({ onPending }: { onPending: (account: Pending) => void }) => {
  const { busy, failure, errors, submit } = useSubmit(async (form) => {
    const account = { email: textOf(form, "email"), password: textOf(form, "password") };
    const outcome = await send(identityApi.signUp, { body: account });
    if (!outcome.ok) return outcome.failure;
    if (outcome.data.confirmed) await enter(account);
    else onPending(account);
    return undefined;
  });
  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <TextField label="E-mail" name="email" type="email" autoComplete="username" error={errors["/email"]} />
      <TextField
        label="Password"
        name="password"
        type="password"
        autoComplete="new-password"
        error={errors["/password"]}
      />
      <FailureNotice failure={failure} />
      <Button type="submit" look="primary" busy={busy}>
        Create the account
      </Button>
    </form>
  );
};

/** Sign-up, and the confirmation by the mailed code. */
export const SignUpPage = () => {
  useTitle("Create an account");
  const [pending, setPending] = useState<Pending>();
  return (
    <div className="card stack account-form">
      <h1 tabIndex={-1}>{pending ? "Confirm your e-mail" : "Create an account"}</h1>
      {pending ? <Confirm account={pending} /> : <Register onPending={setPending} />}
      <p className="small quiet">
        Have one? <Link to="/sign-in">Sign in</Link>
      </p>
    </div>
  );
};
