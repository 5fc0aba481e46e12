/** Whether a Content-Type, or the first entry of an Accept header, is among the API's binary media types. */
export const isBinary = (header: string | undefined, binaryMediaTypes: readonly string[]): boolean => {
  if (header === undefined || binaryMediaTypes.length === 0) {
    return header === undefined && binaryMediaTypes.includes("*/*");
  }
  const first = header.split(",", 1)[0] ?? "";
  const [type, subtype] = (first.split(";", 1)[0] ?? "").trim().toLowerCase().split("/");
  return binaryMediaTypes.some((entry) => {
    const [wantedType, wantedSubtype] = (entry.split(";", 1)[0] ?? "").trim().toLowerCase().split("/");
    if (wantedType === "*" && wantedSubtype === "*") return true;
    return wantedType === type && (wantedSubtype === subtype || wantedSubtype === "*");
  });
};
