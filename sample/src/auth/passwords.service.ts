import { Injectable, type OnModuleInit } from '@nestjs/common';
import { hashPassword, isPassword, type PasswordHash } from './password.js';
import { demoPasswords } from './user.js';

/** Checks passwords, of which it keeps hashes only. */
@Injectable()
export class PasswordsService implements OnModuleInit {
  private readonly hashes = new Map<string, PasswordHash>();
  /** Checked for unknown names, which a faster answer would tell from known ones. */
  private nobody!: PasswordHash;

  async onModuleInit(): Promise<void> {
    this.nobody = await hashPassword('');
    for (const [id, password] of Object.entries(demoPasswords)) this.hashes.set(id, await hashPassword(password));
  }

  /** Whether there is such a user and the password is theirs. */
  async verify(id: string, password: string): Promise<boolean> {
    const hash = this.hashes.get(id);
    const matches = await isPassword(password, hash ?? this.nobody);
    return matches && hash !== undefined;
  }
}
