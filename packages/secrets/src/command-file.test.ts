import { chmod, chown, mkdir, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inspect } from "node:util";
import { createTempHome, type TempHome } from "@openclaw/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isRoot } from "../test/unprivileged.ts";
import { checkCommand, isSameCommand, type CommandRules } from "./command-file.ts";
import { SecretsError } from "./errors.ts";

let home: TempHome;
beforeEach(async () => {
  home = await createTempHome({});
  await home.write("bin/tool", "#!/bin/sh\n", 0o755);
});
afterEach(() => home.remove());
const at = (name: string) => join(home.path, name);
const ours = process.geteuid?.() ?? 0;

async function refusal(command: string, rules: Partial<CommandRules> = {}): Promise<SecretsError | undefined> {
  try {
    await checkCommand(command, { uid: ours, ...rules });
    return undefined;
  } catch (error) {
    if (error instanceof SecretsError && error.code === "command-refused") return error;
    throw error;
  }
}

describe("only an absolute path to a program is taken [X1]", () => {
  test.each([
    ["a relative path", "bin/tool", "bin/tool is not an absolute path"],
    ["a bare name", "sh", "sh is not an absolute path"],
    ["a command line", "sh -c true", "sh -c true is not an absolute path"],
    ["an absolute command line", "/bin/sh -c true", "/bin/sh -c true cannot be found or read"],
    ["nothing", "", " is not an absolute path"],
    ["a home path", "~/bin/tool", "~/bin/tool is not an absolute path"],
    ["a file that is not there", "/HOME/bin/absent", "/HOME/bin/absent cannot be found or read"],
    ["a folder", "/HOME/bin", "/HOME/bin is not a regular file"],
    ["a device", "/dev/null", "/dev/null is not a regular file"],
    ["a file that is not executable", "/HOME/plain", "/HOME/plain is not executable"],
    ["a script without #!", "/HOME/script", "/HOME/script is neither a program nor a script with a #! line"],
    ["an empty file", "/HOME/empty", "/HOME/empty is neither a program nor a script with a #! line"],
  ])("%s", async (_, command, message) => {
    await home.write("plain", "#!/bin/sh\n", 0o600);
    await home.write("script", "echo test-canary\n", 0o700);
    await home.write("empty", "", 0o700);
    const real = (text: string) => text.replaceAll("/HOME", home.path);
    expect((await refusal(real(command)))?.message).toBe(real(message));
  });
});

describe("a link is taken where that is allowed, and judged by where it leads [X2]", () => {
  beforeEach(async () => {
    await mkdir(at("shims"), { mode: 0o755 });
    await symlink("../bin/tool", at("shims/tool"));
    await home.write("binary/tool", "#!/bin/sh\n", 0o755);
  });

  test.each<[string, Partial<CommandRules>, string | undefined]>([
    ["not allowed", {}, "/HOME/shims/tool is a link"],
    ["allowed", { allowSymlinkCommand: true }, undefined],
    ["into a trusted folder", { allowSymlinkCommand: true, trustedDirs: ["/nowhere", "/HOME/bin"] }, undefined],
    ["into a trusted folder named with a slash", { allowSymlinkCommand: true, trustedDirs: ["/HOME/bin/"] }, undefined],
    ["below a trusted folder", { allowSymlinkCommand: true, trustedDirs: ["/HOME"] }, undefined],
    ["below the root folder", { allowSymlinkCommand: true, trustedDirs: ["/"] }, undefined],
    [
      "out of the trusted folder it is in",
      { allowSymlinkCommand: true, trustedDirs: ["/HOME/shims"] },
      "/HOME/bin/tool is in none of trustedDirs",
    ],
    ["with no folder trusted", { allowSymlinkCommand: true, trustedDirs: [] }, "/HOME/bin/tool is in none of trustedDirs"],
  ])("%s", async (_, rules, message) => {
    const real = (text: string) => text.replaceAll("/HOME", home.path);
    const trusted = rules.trustedDirs && { trustedDirs: rules.trustedDirs.map(real) };
    expect((await refusal(at("shims/tool"), { ...rules, ...trusted }))?.message).toBe(message && real(message));
  });

  test("/opt/bin does not cover /opt/binary", async () => {
    expect(await refusal(at("binary/tool"), { trustedDirs: [at("bin")] })).toMatchObject({ hint: `add ${at("binary")} to trustedDirs` });
    expect(await refusal(at("bin/tool"), { trustedDirs: [at("bin")] })).toBeUndefined();
  });

  test("a trusted folder may itself be named through a link", async () => {
    await symlink("bin", at("alias"));
    expect(await refusal(at("bin/tool"), { trustedDirs: [at("alias")] })).toBeUndefined();
  });

  test("what is run is the file, and it sees the name it was configured with", async () => {
    expect(await checkCommand(at("shims/tool"), { uid: ours, allowSymlinkCommand: true })).toMatchObject({
      name: at("shims/tool"),
      path: at("bin/tool"),
    });
  });

  test("a link on the way to the command needs no permission", async () => {
    await symlink("bin", at("alias"));
    expect(await checkCommand(at("alias/tool"), { uid: ours })).toMatchObject({ path: at("bin/tool") });
  });

  test.each([
    ["the folder of the link", "shims"],
    ["the folder it leads to", "bin"],
    ["a folder above both", "."],
  ])("%s is checked", async (_, folder) => {
    await chmod(at(folder), 0o777);
    expect(await refusal(at("shims/tool"), { allowSymlinkCommand: true })).toMatchObject({ hint: `chmod go-w ${join(home.path, folder)}` });
  });

  test("a link to nowhere and one to itself", async () => {
    await symlink("absent", at("shims/lost"));
    await symlink("loop", at("shims/loop"));
    expect((await refusal(at("shims/lost"), { allowSymlinkCommand: true }))?.message).toContain("lost is not a regular file");
    expect((await refusal(at("shims/loop"), { allowSymlinkCommand: true }))?.message).toContain("loop is not a regular file");
  });
});

describe("nobody but us and root may be able to change it [X3]", () => {
  test.each([
    [0o775, "is writable by others"],
    [0o757, "is writable by others"],
    [0o4755, "runs with the rights of its owner"],
    [0o2755, "runs with the rights of its owner"],
  ])("mode %o is refused", async (mode, message) => {
    await chmod(at("bin/tool"), mode);
    expect((await refusal(at("bin/tool")))?.message).toBe(`${at("bin/tool")} ${message}${mode > 0o777 ? " (setuid or setgid)" : ""}`);
  });

  test.each([0o755, 0o700, 0o555, 0o500, 0o711])("mode %o is taken", async (mode) => {
    await chmod(at("bin/tool"), mode);
    expect(await refusal(at("bin/tool"))).toBeUndefined();
  });

  test.each([0o775, 0o757, 0o1777])("a folder of mode %o is refused", async (mode) => {
    await chmod(at("bin"), mode);
    const error = await refusal(at("bin/tool"));
    expect(error?.message).toBe(
      mode === 0o1777 && isRoot ? `the folder ${at("bin")} is open to everybody` : `the folder ${at("bin")} is writable by others`,
    );
  });

  test("root's is taken by any user", async () => {
    expect(await refusal("/usr/bin/env", { uid: 65_533 })).toBeUndefined();
  });

  test.skipIf(!isRoot).each(["bin/tool", "bin"])("another user's %s is refused", async (path) => {
    await chown(at(path), 65_533, 65_533);
    expect((await refusal(at("bin/tool")))?.message).toBe(`${at(path)} belongs to another user (uid 65533)`);
  });

  test("where owners cannot be known it is refused, and allowInsecurePath says otherwise", async () => {
    expect(await refusal(at("bin/tool"), { uid: undefined })).toMatchObject({ hint: expect.stringContaining("allowInsecurePath: true") });
    await chmod(at("bin/tool"), 0o777);
    expect(await refusal(at("bin/tool"), { uid: undefined, allowInsecurePath: true })).toBeUndefined();
    await symlink("bin/tool", at("link"));
    expect(await refusal(at("link"), { allowInsecurePath: true })).toMatchObject({ message: `${at("link")} is a link` });
  });
});

describe("a command that is changed after it was checked is known to be another [X4]", () => {
  test.each<[string, () => Promise<void>]>([
    ["written to", () => writeFile(at("bin/tool"), "#!/bin/no\n")],
    ["given another mode", () => chmod(at("bin/tool"), 0o700)],
    [
      "replaced",
      async () => {
        await home.write("bin/new", "#!/bin/sh\n", 0o755);
        await rename(at("bin/new"), at("bin/tool"));
      },
    ],
    [
      "moved away and back",
      async () => {
        await rename(at("bin/tool"), at("bin/old"));
        await rename(at("bin/old"), at("bin/tool"));
      },
    ],
    ["removed", () => rename(at("bin/tool"), at("bin/gone"))],
  ])("%s", async (_, change) => {
    const file = await checkCommand(at("bin/tool"), { uid: ours });
    expect(await isSameCommand(file)).toBe(true);
    await change();
    expect(await isSameCommand(file)).toBe(false);
  });
});

test("an error shows paths and nothing of a file", async () => {
  await home.write("script", "test-canary\n", 0o700);
  expect(inspect(await refusal(at("script")), { showHidden: true, depth: 9 })).not.toContain("canary");
});
