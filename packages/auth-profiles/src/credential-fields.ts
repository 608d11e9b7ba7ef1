import { otherNamesOf } from "./field-names.ts";
import type { ProfileType } from "./profile.ts";

/** Where entries of a type have their secrets: the documented names first, then the other ones that are read. */
export interface CredentialFields {
  readonly values: readonly string[];
  /** Those of the references in place of the values. */
  readonly refs: readonly string[];
}

const fields: Readonly<Record<ProfileType, CredentialFields>> = {
  api_key: allNames("api_key", { values: ["key"], refs: ["keyRef"] }),
  token: allNames("token", { values: ["token"], refs: ["tokenRef"] }),
  oauth: allNames("oauth", { values: ["access", "refresh"], refs: [] }),
};

/** The fields of a type, under every name. Of several that hold something the first is read. */
export function credentialFields(type: ProfileType): CredentialFields {
  return fields[type];
}

function allNames(type: ProfileType, { values, refs }: CredentialFields): CredentialFields {
  const named = (name: string) => [name, ...otherNamesOf(type, name)];
  return { values: values.flatMap(named), refs: refs.flatMap(named) };
}
