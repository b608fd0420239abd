import type { Type } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';

/**
 * Finds a provider of this package from any module. Nest creates a guard, interceptor or filter that is named in
 * `@UseGuards()` and the like in the module of that controller, which need not import the providers it works with.
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
