import { useSyncExternalStore } from "react";
import { Icon } from "../ui/icon.tsx";

const subscribe = (listener: () => void) => {
  addEventListener("online", listener);
  addEventListener("offline", listener);
  return () => {
    removeEventListener("online", listener);
    removeEventListener("offline", listener);
  };
};

/** Says when the device lost its network, and when it has it again. */
export const OfflineBar = () => {
  const online = useSyncExternalStore(subscribe, () => navigator.onLine);
  return (
    <div className="offline-bar" role="status">
      {!online && (
        <>
          <Icon name="warning" /> You are offline. What is on the page stays; nothing new can be sent.
        </>
      )}
    </div>
  );
};
