import type { SessionDevice } from '../../policy/session-device.js';

/** Reads a device. If it cannot be read, there is no device, because this must not end the session. */
export function storedDevice(text: string | null | undefined): SessionDevice | undefined {
  if (!text) return undefined;
  try {
    const device: unknown = JSON.parse(text);
    return typeof device === 'object' && device !== null ? device : undefined;
  } catch {
    return undefined;
  }
}
