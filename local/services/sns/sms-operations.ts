import { listOf, mapOf, textOf, entries as xmlMap } from "../../kit/query.ts";
import { page, texts } from "./arn.ts";
import { snsErrors } from "./errors.ts";
import type { Operation } from "./model.ts";
import { isPhoneNumber } from "./sms.ts";

const SETTINGS = new Set([
  "MonthlySpendLimit",
  "DeliveryStatusIAMRole",
  "DeliveryStatusSuccessSamplingRate",
  "DefaultSenderID",
  "DefaultSMSType",
  "UsageReportS3Bucket",
]);

/** A number can be opted in again once in 30 days. */
const OPT_IN_MS = 30 * 86_400_000;

const phone = (number: string | undefined): string => {
  if (!number) throw snsErrors.missing("phoneNumber");
  if (!isPhoneNumber(number)) throw snsErrors.invalid("PhoneNumber", `${number} is not valid`);
  return number;
};

/** Operations on text messages. */
export const smsOperations: Readonly<Record<string, Operation>> = {
  SetSMSAttributes(context, input) {
    const given = Object.entries(texts(mapOf(input, "attributes")));
    for (const [name, value] of given) {
      if (!SETTINGS.has(name)) throw snsErrors.invalid(`Unknown attribute ${name}`);
      if (name === "DefaultSMSType" && value !== "Promotional" && value !== "Transactional")
        throw snsErrors.invalid("DefaultSMSType", `${value} is neither Promotional nor Transactional`);
    }
    for (const [name, value] of given) context.smsSettings.set(name, value);
    return { result: {} };
  },
  GetSMSAttributes(context, input) {
    const wanted = listOf(input, "attributes");
    const all = [...context.smsSettings.entries()].filter(
      ([name]) => wanted.length === 0 || wanted.includes(name),
    );
    return { result: { attributes: xmlMap(Object.fromEntries(all)) } };
  },
  CheckIfPhoneNumberIsOptedOut: (context, input) => ({
    result: { isOptedOut: context.optedOut.has(phone(textOf(input, "phoneNumber"))) },
  }),
  ListPhoneNumbersOptedOut(context, input) {
    const { items, NextToken } = page(
      [...context.optedOut.entries()].map(([number]) => number),
      input,
    );
    return { result: { phoneNumbers: items, nextToken: NextToken } };
  },
  OptInPhoneNumber(context, input) {
    const number = phone(textOf(input, "phoneNumber"));
    const now = context.clock.now();
    if (!context.optedOut.has(number)) return { result: {} };
    if (now - (context.optedIn.get(number) ?? -OPT_IN_MS) < OPT_IN_MS)
      throw snsErrors.invalid("phoneNumber", "Opt-in allowed once every 30 days for one phone number");
    context.optedOut.delete(number);
    context.optedIn.set(number, now);
    return { result: {} };
  },
  // There is no sandbox on this machine: no message leaves it.
  GetSMSSandboxAccountStatus: () => ({ result: { IsInSandbox: false } }),
};
