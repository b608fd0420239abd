/**
 * Limits that standards and guidelines name. Spread one into the options. Options that it does not set keep their
 * defaults.
 *
 * @example
 * SessionTimeoutModule.forRoot({ ...presets.nistAal2, redirectTo: '/login' })
 */
export const presets = {
  /** NIST SP 800-63B-4, section 2.1.3: at most 30 days; an idle limit is not required. */
  nistAal1: { absoluteTimeout: '30d', idleTimeout: false },
  /** NIST SP 800-63B-4, section 2.2.3: at most 24 hours, at most 1 hour without activity. */
  nistAal2: { absoluteTimeout: '24h', idleTimeout: '1h' },
  /** NIST SP 800-63B-4, section 2.3.3: at most 12 hours, at most 15 minutes without activity. */
  nistAal3: { absoluteTimeout: '12h', idleTimeout: '15m' },
  /** OWASP ASVS 4.0.3, requirement 3.3.2, level 2: 12 hours or 30 minutes without activity. */
  asvs4L2: { absoluteTimeout: '12h', idleTimeout: '30m' },
  /** OWASP ASVS 4.0.3, requirement 3.3.2, level 3: 12 hours or 15 minutes without activity. */
  asvs4L3: { absoluteTimeout: '12h', idleTimeout: '15m' },
  /** PCI DSS v4.0.1, requirement 8.2.8: sign in again after 15 minutes without activity. */
  pciDss: { idleTimeout: '15m' },
  /** HMRC design pattern "Help users when we time them out of a service": 15 minutes, warned 2 minutes before. */
  hmrc: { idleTimeout: '15m', warnBefore: '2m' },
} as const;
