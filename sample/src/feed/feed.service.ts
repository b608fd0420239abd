import { Injectable } from '@nestjs/common';

/** An entry of the quay log. */
export interface Entry {
  /** ISO 8601. */
  readonly at: string;
  readonly text: string;
}

const HAPPENINGS = [
  'MS Aurora has asked for a berth',
  'Pilot boarded the Cape Wren',
  'Crane 2 is free again',
  'Tug Otter is on its way out',
  'Berth 7: mooring lines are fast',
  'Fog signal tested, all well',
  'Ferry from Hollis is ten minutes late',
  'Fresh water delivered to the Marigold',
];
const EVERY = 7000;
const SHOWN = 5;

/** Invents events in the harbour from the time of day, so that all instances return the same. */
@Injectable()
export class FeedService {
  /** The newest entries, newest first. */
  latest(now = Date.now()): Entry[] {
    const newest = Math.floor(now / EVERY);
    return Array.from({ length: SHOWN }, (_, back) => {
      const number = newest - back;
      return {
        at: new Date(number * EVERY).toISOString(),
        text: HAPPENINGS[(number * 5) % HAPPENINGS.length] as string,
      };
    });
  }

  /** The water level in metres: a tide of two minutes, with some waves. */
  waterLevel(now = Date.now()): number {
    const tide = Math.sin((now / 120_000) * 2 * Math.PI);
    const waves = Math.sin(now / 1700) * 0.06;
    return Number((2 + 1.4 * tide + waves).toFixed(2));
  }
}
