import { expect, test } from "vitest";
import { serviceFileState, withChecksum } from "./service-file.ts";

const wanted = withChecksum("# checksum @\nRestartSec=1\n");
const older = withChecksum("# checksum @\nRestartSec=9\n");

test.each([
  ["nothing there", undefined, "absent"],
  ["what would be written", wanted, "current"],
  ["what another version wrote", older, "outdated"],
  ["a line that was changed", older.replace("=9", "=8"), "edited"],
  ["a line that was added", `${wanted}Nice=5\n`, "edited"],
  ["a file of somebody else", "[Service]\nExecStart=/bin/true\n", "edited"],
])("%s", (_name, existing, state) => {
  expect(serviceFileState(existing, wanted)).toBe(state);
});
