import type { Type } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';

/**
 * Finds a provider of this package from any module. If `@UseGuards()` or a similar decorator names a class, Nest
 * creates it in the module of the controller. That module may not import the providers that the class needs.
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
