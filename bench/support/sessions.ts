import { hash } from 'node:crypto';

/** 11 characters, like the ids of many databases. */
export const userOf = (i: number): string => `user-${String(i).padStart(6, '0')}`;

/** The key of a session, created anew as for each request. */
export const keyOf = (i: number): string => hash('sha256', `session ${i}`, 'base64url');

/** Random numbers below `below`. */
export function anyOf(below: number, times: number): number[] {
  return Array.from({ length: times }, () => Math.floor(Math.random() * below));
}
