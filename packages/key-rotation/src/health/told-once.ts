/** What was told of something that fails: each state once, and again when it was well in between. */
export interface ToldOnce {
  /** It fails. */
  tell(error: unknown): void;
  /** It works. Whether somebody was told that it does not. */
  forget(): boolean;
}

/** Passes on an error where the last one was not of the same kind. */
export function toldOnce(onError: (error: unknown) => void): ToldOnce {
  let told: unknown;
  return {
    tell(error) {
      const kind = error instanceof Error && "code" in error ? error.code : String(error);
      if (told === kind) return;
      told = kind;
      onError(error);
    },
    forget() {
      const wasTold = told !== undefined;
      told = undefined;
      return wasTold;
    },
  };
}
