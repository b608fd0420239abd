import { MemoryStore } from 'express-session';

/** A store that can save nothing more once it is full. */
export class FullStore extends MemoryStore {
  full = false;

  override set(...given: Parameters<MemoryStore['set']>) {
    if (this.full) given[2]?.(new Error('full'));
    else super.set(...given);
  }
}
