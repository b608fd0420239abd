import { Injectable, type OnModuleInit } from '@nestjs/common';
import { hashPassword, isPassword, type PasswordHash } from './password.js';
import { demoPasswords } from './user.js';

/** Checks passwords. It keeps only their hashes. */
@Injectable()
export class PasswordsService implements OnModuleInit {
  private readonly hashes = new Map<string, PasswordHash>();
  /** Checked for unknown names. Otherwise a faster answer would show which names are known. */
  private nobody!: PasswordHash;

  async onModuleInit(): Promise<void> {
    this.nobody = await hashPassword('');
    for (const [id, password] of Object.entries(demoPasswords)) this.hashes.set(id, await hashPassword(password));
  }

  /** Whether this user exists and has this password. */
  async verify(id: string, password: string): Promise<boolean> {
    const hash = this.hashes.get(id);
    const matches = await isPassword(password, hash ?? this.nobody);
    return matches && hash !== undefined;
  }
}
