import { type Json } from '../../src/contract/json.ts';
import { type Memory } from '../../src/contract/memory.ts';

/** A memory that lasts as long as the test holds it: given to a second link, it is what a restart finds. */
export class FleetingMemory implements Memory {
  readonly values = new Map<string, string>();

  async get(key: string): Promise<Json | null> {
    const text = this.values.get(key);
    return text === undefined ? null : (JSON.parse(text) as Json);
  }

  async put(key: string, value: Json): Promise<void> {
    this.values.set(key, JSON.stringify(value));
  }

  async remove(key: string): Promise<void> {
    this.values.delete(key);
  }
}
