import { applyDecorators, SetMetadata } from '@nestjs/common';
import { AllowExpired } from 'nestjs-session-timeout';

export const PUBLIC = 'public';

/** Opens a route to everybody. A request with an expired session counts as anonymous. */
export const Public = () => applyDecorators(SetMetadata(PUBLIC, true), AllowExpired());
