import { openHome, resolvePaths } from "@openclaw/home";
import { Secret, type Credential } from "@openclaw/secrets";
import { createTempHome } from "@openclaw/testkit";
import { expect, onTestFinished, test } from "vitest";
import { createKnownSecrets } from "./known-secrets.ts";

test("of a login that has another access every hour, the last few are looked for and no more", async () => {
  const folder = await createTempHome();
  onTestFinished(() => folder.remove());
  const home = await openHome({ paths: resolvePaths({ env: folder.env, osHome: folder.path, cwd: folder.path }), env: folder.env });
  const secrets = createKnownSecrets(Secret.of("test-token-of-the-gateway"), home.current);
  const send = (id: string, value: string) => {
    const credential: Credential = {
      id,
      provider: "acme",
      origin: "test",
      billing: "subscription",
      hosts: [],
      generation: 0,
      kind: "bearer",
      secret: Secret.of(value),
    };
    secrets.remember(credential);
  };
  const before = secrets.redactor.size;
  for (let hour = 0; hour < 1000; hour += 1) for (const id of ["acme:a", "acme:b"]) send(id, `test-access-${id}-${hour}`);
  expect(secrets.redactor.size - before).toBe(16);
  expect(secrets.redactor.text("test-access-acme:a-999 test-access-acme:b-999")).toBe("[redacted] [redacted]");
  expect(secrets.redactor.text("test-token-of-the-gateway")).toBe("[redacted]");
});
