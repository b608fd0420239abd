import { hash } from 'node:crypto';

/** As long as those of many databases: 11 characters. */
export const userOf = (i: number): string => `user-${String(i).padStart(6, '0')}`;

/** The key of a session, made anew as for each request. */
export const keyOf = (i: number): string => hash('sha256', `session ${i}`, 'base64url');

/** Numbers below `below`, at random. */
export function anyOf(below: number, times: number): number[] {
  return Array.from({ length: times }, () => Math.floor(Math.random() * below));
}
