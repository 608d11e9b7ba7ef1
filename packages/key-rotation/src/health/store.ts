import type { HealthRecords } from "./record.ts";

/** Where health outlives the process. Reading never writes. */
export interface HealthStore {
  read(): Promise<HealthRecords>;
  /**
   * Changes what is kept while nobody else does, beginning with what is there now.
   *
   * @returns what is kept from now on.
   */
  update(change: (records: HealthRecords) => HealthRecords): Promise<HealthRecords>;
}
