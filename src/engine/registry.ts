// The job types that this process knows, by name. A job type is checked when it is registered.
import { invalidRequest, unknownJobType } from "../domain/errors.ts";
import type { JobTypeInfo } from "../domain/job-control.ts";
import type { ClaimableType } from "../ports/store.ts";
import { type AnyJobDefinition, type RegisteredType, registerType } from "./register-type.ts";

export type { AnyJobDefinition, RegisteredType } from "./register-type.ts";

export interface Registry {
  readonly names: readonly string[];
  /** What a worker of this process can claim. */
  readonly claimable: readonly ClaimableType[];
  /** Throws `unknown_job_type`. */
  get(type: string): RegisteredType;
  infos(): readonly JobTypeInfo[];
}

/** Throws `invalid_request` when two definitions share a name, or one is malformed. */
export function createRegistry(definitions: readonly AnyJobDefinition[]): Registry {
  const types = new Map<string, RegisteredType>();
  for (const definition of definitions) {
    if (types.has(definition.type))
      throw invalidRequest(`The job type "${definition.type}" is registered twice. Give one of them another name.`);
    types.set(definition.type, registerType(definition));
  }
  const names = [...types.keys()];
  return {
    names,
    claimable: [...types.values()].map(({ info }) => ({
      name: info.name,
      concurrency: info.concurrency.total,
      perKey: info.concurrency.perKey,
    })),
    get(type) {
      const found = types.get(type);
      if (!found) throw unknownJobType(type, names);
      return found;
    },
    infos: () => [...types.values()].map((type) => type.info),
  };
}
