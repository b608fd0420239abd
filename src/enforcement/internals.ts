import type { Type } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';

/**
 * Finds a provider of this package from whatever module asks. Guards, interceptors and filters that are named
 * in `@UseGuards()` and the like are made in the module that names them; so the module need not export what
 * they work with.
 *
 * @throws Error if `SessionTimeoutModule` is not imported
 */
export function internal<T>(moduleRef: ModuleRef, token: Type<T> | symbol): T {
  try {
    return moduleRef.get<T>(token, { strict: false });
  } catch (error) {
    throw new Error('The application does not import SessionTimeoutModule. Import it in the root module.', {
      cause: error,
    });
  }
}
