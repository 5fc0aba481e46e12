import { randomInt } from "node:crypto";
import { flag, optionalInteger, optionalText } from "../../kit/json-service.ts";
import type { Operation } from "./model.ts";
import { secretErrors } from "./secrets.ts";

const KINDS = {
  ExcludeLowercase: "abcdefghijklmnopqrstuvwxyz",
  ExcludeUppercase: "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
  ExcludeNumbers: "0123456789",
  ExcludePunctuation: "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
} as const;

const drawn = (from: string): string => from.charAt(randomInt(from.length));

/** GetRandomPassword. */
export const getRandomPassword: Operation = (_, input) => {
  const length = optionalInteger(input, "PasswordLength") ?? 32;
  if (length < 1 || length > 4_096)
    throw secretErrors.parameter(
      length < 1
        ? "Password length is too short based on the required types."
        : "Password length must be less than or equal to 4096",
    );
  const excluded = new Set(optionalText(input, "ExcludeCharacters") ?? "");
  const without = (text: string) => [...text].filter((character) => !excluded.has(character)).join("");
  const kinds = Object.entries(KINDS).flatMap(([name, characters]) =>
    flag(input, name) ? [] : [without(characters)],
  );
  if (flag(input, "IncludeSpace")) kinds.push(without(" "));
  const each = input.RequireEachIncludedType !== false;
  const usable = kinds.filter((kind) => kind !== "");
  if (usable.length === 0 || (each && usable.length < kinds.length))
    throw secretErrors.request("The character set is empty based on the exclusions.");
  if (each && length < kinds.length)
    throw secretErrors.parameter("Password length is too short based on the required types.");
  const password = each ? usable.map(drawn) : [];
  while (password.length < length) password.push(drawn(usable.join("")));
  // What each kind gave stands anywhere: Fisher and Yates.
  for (let i = password.length - 1; i > 0; i--) {
    const j = randomInt(i + 1);
    [password[i], password[j]] = [password[j] ?? "", password[i] ?? ""];
  }
  return { output: { RandomPassword: password.join("") } };
};
