/** The device on which a session was started. It is coarse on purpose: only its user should recognise it. */
export interface SessionDevice {
  /** For example `'Firefox'`. */
  readonly browser?: string | undefined;
  /** For example `'Windows'`. */
  readonly system?: string | undefined;
  /** The kind of the device. */
  readonly kind?: 'desktop' | 'mobile' | 'tablet' | 'other' | undefined;
  /** The network address, only if the application adds it. */
  readonly address?: string | undefined;
}
