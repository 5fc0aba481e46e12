import { useState } from "react";
import type { Failure } from "../api/failure.ts";
import { signIn } from "../api/session.ts";
import { Button } from "../ui/button.tsx";
import { FailureNotice } from "../ui/surface.tsx";
import { type DemoUser, useDemoUsers } from "./demo-users.ts";
import "./account.css";

/** Demo users of the local cloud: one press each. */
export const DemoList = ({ current, onDone }: { current: string | undefined; onDone: () => void }) => {
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
