import type { LockOptions } from "@openclaw/secrets";
import type { HealthRecords } from "./record.ts";

/** Where health outlives the process. Reading never writes. */
export interface HealthStore {
  read(): Promise<HealthRecords>;
  /**
   * Changes what is kept while nobody else does, beginning with what is there now.
   *
   * @param waiting How long one waits for other writers. Its signal ends the waiting, not the change.
   * @returns what is kept from now on.
   */
  update(change: (records: HealthRecords) => HealthRecords, waiting?: LockOptions): Promise<HealthRecords>;
}
