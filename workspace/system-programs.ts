import { findProgram } from "@openclaw/testkit";

/** Programs the system tests drive, and the Debian packages that hold them. `.ci/run` installs these. */
const programs: Readonly<Record<string, string>> = {
  age: "age",
  chromium: "chromium",
  clevis: "clevis",
  curl: "curl",
  dash: "dash",
  "dbus-run-session": "dbus",
  faketime: "faketime",
  fish: "fish",
  "gnome-keyring-daemon": "gnome-keyring",
  gpg: "gnupg",
  pass: "pass",
  python3: "python3",
  "secret-tool": "libsecret-tools",
  shellcheck: "shellcheck",
  strace: "strace",
  "systemd-analyze": "systemd",
  "systemd-creds": "systemd",
  "tang-show-keys": "tang",
  tmux: "tmux",
  unshare: "util-linux",
  zsh: "zsh",
};

/** Says which system tests will not run here. With `REQUIRE_SYSTEM=1` their absence is a failure. */
export default function listMissingPrograms(): void {
  const missing = Object.keys(programs).filter((program) => findProgram(program) === undefined);
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((program) => programs[program]))].join(" ");
  const message = `system tests need ${missing.join(", ")} (apt-get install ${packages})`;
  if (process.env["REQUIRE_SYSTEM"] === "1") throw new Error(message);
  process.stderr.write(`Skipped: ${message}\n`);
}
