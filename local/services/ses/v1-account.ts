import { textOf } from "../../kit/query.ts";
import type { V1Operations } from "./v1.ts";

export const v1AccountOperations: V1Operations = {
  GetSendQuota: ({ settings: { account }, quota }) => ({
    Max24HourSend: account.quota,
    MaxSendRate: account.rate,
    SentLast24Hours: quota.sent24Hours(),
  }),
  GetSendStatistics: ({ statistics }) => ({
    SendDataPoints: statistics.points().map((point) => ({
      Timestamp: new Date(point.at).toISOString(),
      DeliveryAttempts: point.attempts,
      Bounces: point.bounces,
      Complaints: point.complaints,
      Rejects: point.rejects,
    })),
  }),
  GetAccountSendingEnabled: ({ settings }) => ({ Enabled: settings.account.sending }),
  UpdateAccountSendingEnabled: async (ses, fields) => {
    ses.settings.account.sending = textOf(fields, "Enabled") === "true";
    await ses.save();
    return {};
  },
};
