import { expect, test } from "vitest";
import { credentialFields } from "./credential-fields.ts";

test("names every field that is read as the secret of a type, the documented ones first", () => {
  expect(credentialFields("api_key")).toEqual({ values: ["key", "apiKey", "api_key"], refs: ["keyRef", "key_ref"] });
  expect(credentialFields("token")).toEqual({ values: ["token", "accessToken", "access_token"], refs: ["tokenRef", "token_ref"] });
  expect(credentialFields("oauth")).toEqual({
    values: ["access", "accessToken", "access_token", "refresh", "refreshToken", "refresh_token"],
    refs: [],
  });
});
