import type { Type } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';

/**
 * Finds a provider of this package from any module. If `@UseGuards()` or a similar decorator names a class, Nest
 * creates it in the module of the controller. That module may not import the providers that the class needs.
 *
 * @param moduleRef `undefined` if the application has made the class itself, with `new`
 * @throws Error in that case, and if `SessionTimeoutModule` is not imported
 */
export function internal<T>(moduleRef: ModuleRef | undefined, token: Type<T> | symbol): T {
  if (!moduleRef) {
    throw new Error(
      'This guard, filter or interceptor was made with new. Provide it as APP_GUARD, APP_FILTER or APP_INTERCEPTOR, ' +
        'so that Nest can inject what it needs.',
    );
  }
  try {
    return moduleRef.get<T>(token, { strict: false });
  } catch (error) {
    throw new Error('The application does not import SessionTimeoutModule. Import it in the root module.', {
      cause: error,
    });
  }
}
