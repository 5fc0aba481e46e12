import { useRef, useState } from "react";
import type { Failure } from "../api/failure.ts";
import { signIn, signOut, useSession } from "../api/session.ts";
import { Link } from "../shell/router.tsx";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import { FailureNotice } from "../ui/surface.tsx";
import { type DemoUser, useDemoUsers } from "./demo-users.ts";
import "./account.css";

/** Demo users of the local cloud: one press each. */
const DemoList = ({ current, onDone }: { current: string | undefined; onDone: () => void }) => {
  const users = useDemoUsers().filter(({ email }) => email !== current);
  const [busy, setBusy] = useState<string>();
  const [failure, setFailure] = useState<Failure>();
  if (users.length === 0) return null;
  const enter = async (user: DemoUser) => {
    setBusy(user.email);
    const outcome = await signIn({ email: user.email, password: user.password });
    setBusy(undefined);
    setFailure(outcome.ok ? undefined : outcome.failure);
    if (outcome.ok) onDone();
  };
  return (
    <section className="account-part" aria-labelledby="demo-users">
      <h2 id="demo-users" className="nav-title">
        Demo users of this local cloud
      </h2>
      <ul className="nav-list">
        {users.map((user) => (
          <li key={user.email}>
            <Button
              look="plain"
              className="account-user"
              busy={busy === user.email}
              onClick={() => void enter(user)}
            >
              <span className="avatar" aria-hidden="true">
                {user.name.slice(0, 1)}
              </span>
              <span>
                {user.name} <small>{user.email}</small>
              </span>
            </Button>
          </li>
        ))}
      </ul>
      <FailureNotice failure={failure} />
    </section>
  );
};

const SignedIn = ({ email, onDone }: { email: string; onDone: () => void }) => {
  const [busy, setBusy] = useState(false);
  const leave = async () => {
    setBusy(true);
    await signOut();
    setBusy(false);
    onDone();
  };
  return (
    <div className="account-part row apart">
      <p className="small account-email">
        <span className="quiet">Signed in as</span>
        <br />
        <strong>{email}</strong>
      </p>
      <Button busy={busy} onClick={() => void leave()}>
        Sign out
      </Button>
    </div>
  );
};

const SignedOut = ({ onDone }: { onDone: () => void }) => (
  <div className="account-part row">
    <Link to="/sign-in" className="button primary" onClick={onDone}>
      Sign in
    </Link>
    <Link to="/sign-up" className="button" onClick={onDone}>
      Create an account
    </Link>
  </div>
);

/** Who is signed in, and everything to change that. */
export const AccountMenu = () => {
  const session = useSession();
  const panel = useRef<HTMLDivElement>(null);
  const close = () => panel.current?.hidePopover();
  const email = session.status === "signed-in" ? session.user.email : undefined;
  return (
    <>
      <button type="button" className="button account-button" popoverTarget="account">
        <Icon name="user" />
        <span className="account-label">{email?.split("@")[0] ?? "Sign in"}</span>
        <span className="hidden-visually">, account menu</span>
      </button>
      <div
        ref={panel}
        id="account"
        popover="auto"
        className="account-panel"
        role="dialog"
        aria-label="Account"
      >
        {email === undefined ? <SignedOut onDone={close} /> : <SignedIn email={email} onDone={close} />}
        <DemoList current={email} onDone={close} />
      </div>
      <span role="status" className="hidden-visually">
        {email === undefined ? "" : `Signed in as ${email}`}
      </span>
    </>
  );
};
