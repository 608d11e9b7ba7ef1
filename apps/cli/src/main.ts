import type { ExitCode } from "./exit.ts";
import { internalError, isExpected } from "./expected-error.ts";
import { hardenProcess } from "./harden-process.ts";
import { listenForHangups } from "./hangup.ts";
import { standardIo } from "./io.ts";
import { redactedIo } from "./redacted-io.ts";
import { renderError } from "./render/error.ts";
import { takeSupervisor } from "./service/supervisor.ts";
import { readVersion } from "./version.ts";

/** Runs the command line of this process and sets its exit code. */
export async function main(): Promise<void> {
  process.exitCode = await run(process.argv.slice(2));
}

async function run(argv: readonly string[]): Promise<ExitCode> {
  const io = redactedIo(standardIo(process));
  process.once("uncaughtException", (error) => {
    io.err(internalError(error));
    process.exit(70);
  });
  if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-V")) {
    io.out(readVersion());
    return 0;
  }
  try {
    // Before anything reads the environment, or is started with it.
    const supervisor = takeSupervisor(process.env, process.pid);
    const { runProgram } = await import("./program.ts");
    return await runProgram(argv, {
      io,
      env: process.env,
      cwd: process.cwd(),
      clock: Date,
      harden: () => hardenProcess(process, process.env),
      onSignal: (signal, listener) => void process.on(signal, listener),
      onHangup: (listener) => listenForHangups(process, listener),
      supervisor,
      output: {
        backlog: () => process.stdout.writableLength + process.stderr.writableLength,
        abandonAfter: (ms) => void setTimeout(() => process.exit(), ms).unref(),
      },
      exit: (code) => process.exit(code),
    });
  } catch (error) {
    if (!isExpected(error)) {
      io.err(internalError(error));
      return 70;
    }
    io.err(renderError(error));
    return 1;
  }
}
