import { printable } from "../io.ts";
import type { StoreValidation } from "../models-auth/validate-store.ts";

/** `models auth validate` for people. */
export function renderValidation({ file, exists, findings }: StoreValidation): string {
  if (!exists) return printable(`${file}: there is no such file yet, and no account`);
  const counts = (["error", "warning"] as const).map((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    return `${count} ${severity}${count === 1 ? "" : "s"}`;
  });
  return [
    `${file}: ${findings.length === 0 ? "no mistakes" : counts.join(", ")}`,
    ...findings.flatMap(({ severity, code, path, message, didYouMean, fix }) => [
      `  ${severity} ${code} at ${path}: ${message}${didYouMean === undefined ? "" : `; did you mean ${didYouMean}?`}`,
      ...(fix === undefined ? [] : [`    ${fix}`]),
    ]),
  ]
    .map(printable)
    .join("\n");
}
