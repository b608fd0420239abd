/** What is known of the device that a session was started on. Coarse on purpose: users recognise it, nobody else. */
export interface SessionDevice {
  /** Like `'Firefox'`. */
  readonly browser?: string | undefined;
  /** Like `'Windows'`. */
  readonly system?: string | undefined;
  readonly kind?: 'desktop' | 'mobile' | 'tablet' | 'other' | undefined;
  /** The network address, only if the application adds it. */
  readonly address?: string | undefined;
}
