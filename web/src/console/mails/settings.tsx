import { Button } from "../../ui/button.tsx";
import { count } from "../../ui/format.ts";
import { Badge, Empty, FailureNotice, Skeleton } from "../../ui/surface.tsx";
import { act, type Following, useView } from "../client.ts";
import { Facts } from "../facts.tsx";
import { dayTime } from "../format.ts";
import { TryThis } from "../try-this.tsx";
import { Senders, Suppression } from "./mail-data.ts";

/** Addresses that bounced or complained: nothing is sent to them any more. */
export const SuppressionList = ({ following }: { following: Following }) => {
  const view = useView(Suppression, "ses/suppression", {}, following);
  const addresses = view.data?.addresses ?? [];
  const remove = async (address: string) => {
    await act("ses/unsuppress", { address });
    view.reload();
  };
  return (
    <>
      <FailureNotice failure={view.failure} retry={view.reload} />
      {!view.data && view.loading && <Skeleton label="Loading addresses" />}
      {view.data && addresses.length === 0 && (
        <TryThis
          title="No address is suppressed"
          command="aws sesv2 put-suppressed-destination --email-address reader@example.com --reason BOUNCE"
        >
          Those that bounce for good or complain come here, as the account's settings say.
        </TryThis>
      )}
      {addresses.length > 0 && (
        <table className="table console-table">
          <thead>
            <tr>
              <th scope="col">Address</th>
              <th scope="col">Why</th>
              <th scope="col" className="wide-only">
                Since
              </th>
              <th scope="col">
                <span className="hidden-visually">What can be done</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {addresses.map(({ address, reason, at }) => (
              <tr key={address}>
                <th scope="row">{address}</th>
                <td>{reason.toLowerCase()}</td>
                <td className="times wide-only">{dayTime(at)}</td>
                <td className="end">
                  <Button className="chip" onClick={() => void remove(address)}>
                    Remove<span className="hidden-visually"> {address}</span>
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
};

const Account = ({ account }: { account: Senders["account"] }) => (
  <Facts
    facts={[
      ["Account", account.production ? "production" : "sandbox: recipients must be verified, too"],
      ["Sending", account.sending ? "on" : "off"],
      ["Rate", account.rate < 0 ? "no limit" : `${count(account.rate)} a second`],
      [
        "Sent in 24 hours",
        account.quota < 0
          ? count(account.sent24Hours)
          : `${count(account.sent24Hours)} of ${count(account.quota)}`,
      ],
    ]}
  />
);

/** Who may send, by which settings, and how much. */
export const SenderList = () => {
  const { data, failure, loading, reload } = useView(Senders, "ses/identities");
  return (
    <>
      <FailureNotice failure={failure} retry={reload} />
      {!data && loading && <Skeleton label="Loading senders" />}
      {data && <Account account={data.account} />}
      {data?.identities.length === 0 && <Empty title="Nobody may send: the stacks declare no sender" />}
      {data && data.identities.length > 0 && (
        <table className="table console-table">
          <thead>
            <tr>
              <th scope="col">Sender</th>
              <th scope="col">State</th>
              <th scope="col" className="wide-only">
                Configuration set
              </th>
            </tr>
          </thead>
          <tbody>
            {data.identities.map((one) => (
              <tr key={one.name}>
                <th scope="row">{one.name}</th>
                <td>{one.verified ? <Badge tone="good">verified</Badge> : <Badge>not verified</Badge>}</td>
                <td className="wide-only">{one.configurationSet}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {data && data.templates.length > 0 && (
        <p className="small quiet">Templates: {data.templates.join(", ")}</p>
      )}
    </>
  );
};
