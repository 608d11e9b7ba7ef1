import { codes, generalCodes, vagueCodes, vagueVendorCodes, vendorCodes, type CodeTable } from "./code-tables.ts";
import type { Verdict } from "./verdict.ts";

type Index = ReadonlyMap<string, Verdict>;

const known = index(codes);
const knownGeneral = index(generalCodes);
const knownVague = index(vagueCodes);
const knownOfVendor = indexEach(vendorCodes);
const knownVagueOfVendor = indexEach(vagueVendorCodes);

/** What the first code that says something says, and which one that is. */
export function judgeCode(found: readonly string[], provider: string | undefined): Verdict | undefined {
  const ofVendor = provider === undefined ? undefined : knownOfVendor.get(provider);
  return first(found, (code) => ofVendor?.get(code) ?? known.get(code)) ?? first(found, (code) => knownGeneral.get(code));
}

/** What a code means that is asked last. */
export function judgeVagueCode(found: readonly string[], provider: string | undefined): Verdict | undefined {
  const ofVendor = provider === undefined ? undefined : knownVagueOfVendor.get(provider);
  return first(found, (code) => ofVendor?.get(code) ?? knownVague.get(code));
}

function first(found: readonly string[], look: (code: string) => Verdict | undefined): Verdict | undefined {
  for (const code of found) {
    const verdict = look(plain(code));
    if (verdict) return { ...verdict, code };
  }
  return undefined;
}

function indexEach(tables: Readonly<Record<string, CodeTable>>): ReadonlyMap<string, Index> {
  return new Map(Object.entries(tables).map(([id, table]) => [id, index(table)] as const));
}

function index(table: CodeTable): Index {
  return new Map(
    table.flatMap(([failureClass, list, scope]) =>
      list
        .split(" ")
        .map((code) => [plain(code), { class: failureClass, rule: `code-${code}`, ...(scope !== undefined && { scope }) }] as const),
    ),
  );
}

/**
 * `ThrottlingException`, `THROTTLING_EXCEPTION` and AWS's `com.amazon…#ThrottlingException` are one
 * code. What follows a colon tells more of the same: `user_global_rate_limited:pro`.
 */
function plain(code: string): string {
  return code
    .slice(code.lastIndexOf("#") + 1)
    .replace(/:.*$/s, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, "");
}
