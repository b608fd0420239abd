import { applyDecorators, SetMetadata } from '@nestjs/common';
import { AllowExpired } from 'nestjs-session-timeout';

export const PUBLIC = 'public';

/** For everybody: no sign-in is asked for, and those whose session has expired come in as anonymous. */
export const Public = () => applyDecorators(SetMetadata(PUBLIC, true), AllowExpired());
