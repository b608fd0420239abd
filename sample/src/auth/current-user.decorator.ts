import { createParamDecorator } from '@nestjs/common';
import type { Request } from 'express';
import { findUser } from './user.js';

/** The signed-in user; `undefined` on public routes if nobody is signed in. */
export const CurrentUser = createParamDecorator((_data: unknown, context) =>
  findUser(context.switchToHttp().getRequest<Request>().session?.user),
);
