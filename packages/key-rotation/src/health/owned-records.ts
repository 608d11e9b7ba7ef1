import { frozenRecord } from "./parse-records.ts";
import type { HealthRecords } from "./record.ts";

/** Of what is kept, nothing. */
export const noRecords: HealthRecords = Object.freeze({ credentials: new Map(), lastGood: frozenRecord<string>([]) });

/** Of what is kept in one place, what is of some credentials. */
export function ownedRecords({ credentials, lastGood }: HealthRecords, owns: (id: string) => boolean): HealthRecords {
  return {
    credentials: new Map([...credentials].filter(([id]) => owns(id))),
    lastGood: frozenRecord(Object.entries(lastGood).filter(([, id]) => owns(id))),
  };
}

/** What is of some credentials, beside what is there of others. */
export function withOthers(all: HealthRecords, own: HealthRecords, owns: (id: string) => boolean): HealthRecords {
  const others = ownedRecords(all, (id) => !owns(id));
  return {
    credentials: new Map([...others.credentials, ...own.credentials]),
    lastGood: frozenRecord([...Object.entries(others.lastGood), ...Object.entries(own.lastGood)]),
  };
}
