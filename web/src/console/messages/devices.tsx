import { useState } from "react";
import type { Failure } from "../../api/failure.ts";
import { Button } from "../../ui/button.tsx";
import { Badge, FailureNotice, More, Skeleton } from "../../ui/surface.tsx";
import { act, type Following, useView } from "../client.ts";
import { TryThis } from "../try-this.tsx";
import { Devices as All, type Device } from "./message-data.ts";
import { PublishForm } from "./publish-form.tsx";

const platformOf = ({ platformArn }: Device): string => platformArn.split("app/")[1] ?? platformArn;

const DeviceItem = ({ device, reload }: { device: Device; reload: () => void }) => {
  const [failure, setFailure] = useState<Failure>();
  const toggle = async () => {
    const answer = await act(device.enabled ? "sns/disableEndpoint" : "sns/enableEndpoint", {
      endpointArn: device.arn,
    });
    setFailure(answer.ok ? undefined : answer.failure);
    reload();
  };
  return (
    <li className="card stack tight">
      <div className="row apart">
        <h2 className="topic-name">{device.token}</h2>
        <span className="row tight">
          {device.enabled ? <Badge tone="good">enabled</Badge> : <Badge tone="bad">disabled</Badge>}
          <Button className="chip" onClick={() => void toggle()}>
            {device.enabled ? "Disable" : "Enable"}
            <span className="hidden-visually"> {device.token}</span>
          </Button>
        </span>
      </div>
      <p className="arn">{[platformOf(device), device.customUserData].filter(Boolean).join(" · ")}</p>
      <FailureNotice failure={failure} />
      <More summary="Push a message">
        <PublishForm to={{ targetArn: device.arn }} done={reload} />
      </More>
    </li>
  );
};

/** Devices that pushes reach, each to be switched off as its platform would. */
export const Devices = ({ following }: { following: Following }) => {
  const view = useView(All, "sns/endpoints", {}, following);
  const devices = view.data ?? [];
  return (
    <>
      <FailureNotice failure={view.failure} retry={view.reload} />
      {!view.data && view.loading && <Skeleton label="Loading devices" />}
      {view.data && devices.length === 0 && (
        <TryThis
          title="No device is registered"
          command={`aws sns create-platform-endpoint --token my-phone --platform-application-arn "$(aws sns list-platform-applications --query 'PlatformApplications[0].PlatformApplicationArn' --output text)"`}
        >
          An app registers its device at a platform application of the stacks.
        </TryThis>
      )}
      <ul className="devices">
        {devices.map((device) => (
          <DeviceItem key={device.arn} device={device} reload={view.reload} />
        ))}
      </ul>
    </>
  );
};
