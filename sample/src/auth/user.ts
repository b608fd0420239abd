/** A user who may sign in. */
export interface User {
  readonly id: string;
  readonly name: string;
  readonly role: string;
}

const users: readonly User[] = [
  { id: 'ada', name: 'Ada Lovelace', role: 'Harbour master' },
  { id: 'grace', name: 'Grace Hopper', role: 'Chief pilot' },
];

/** For trying out the application; shown on the login page. A real application has no passwords in its code. */
export const demoPasswords: Readonly<Record<string, string>> = { ada: 'analytical', grace: 'nanosecond' };

export function findUser(id: string | undefined): User | undefined {
  return users.find((user) => user.id === id);
}
