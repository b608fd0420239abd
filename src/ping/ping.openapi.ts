import { HttpStatus, type Type } from '@nestjs/common';
import { swagger } from '../enforcement/startup/openapi-401.js';
import { reasons } from '../policy/reason.js';
import { NONCE } from './ping.query.js';
import { endedReply, listReply, problemReply, secondsSchema } from './list.openapi.js';

const limitSchema = (description: string) => ({
  ...secondsSchema(`${description}; null if that limit is off`),
  nullable: true,
});

const always = {
  at: { type: 'number', description: "The server's time, in seconds since 1970" },
  loginUrl: { type: 'string', description: 'Where to sign in, if the application has a login page' },
  n: { type: 'string', description: 'The parameter `n` of the question' },
  drafts: { type: 'boolean', enum: [true], description: 'Drafts are kept (option drafts)' },
};

const live = {
  idleFor: secondsSchema('Time since the last activity'),
  authAge: {
    ...secondsSchema('Time since the user last authenticated; null for never'),
    nullable: true,
  },
  expiresIn: {
    ...secondsSchema('Time until the session ends if there is no activity; null if nothing ends it'),
    nullable: true,
  },
  limit: { type: 'string', enum: ['idle', 'absolute'], description: 'The limit that comes first' },
  extendable: { type: 'boolean', description: 'Whether activity extends the session' },
  idleTimeout: limitSchema('The idle limit'),
  absoluteTimeout: limitSchema('The absolute limit'),
  idleLeft: limitSchema('Time until the idle limit'),
  absoluteLeft: limitSchema('Time until the absolute limit'),
  warnBefore: secondsSchema('How long before the end users are warned'),
  session: { type: 'string', description: 'A tag that changes with the session' },
};

const state = (...states: string[]) => ({ type: 'string', enum: states });

const reply = {
  oneOf: [
    {
      title: 'LiveSession',
      type: 'object',
      required: ['state', 'at', ...Object.keys(live)],
      properties: {
        state: state('active', 'warning'),
        ...live,
        user: { type: 'string', description: 'A tag that stays the same when the user signs in again' },
        ...always,
      },
    },
    {
      title: 'ExpiredSession',
      type: 'object',
      required: ['state', 'at', 'reason', 'message'],
      properties: {
        state: state('expired'),
        reason: { type: 'string', enum: [...reasons] },
        message: { type: 'string', description: 'The reason, as a text for users' },
        ...always,
      },
    },
    {
      title: 'NoSession',
      type: 'object',
      required: ['state', 'at'],
      properties: {
        state: state('anonymous'),
        lost: {
          type: 'boolean',
          enum: [true],
          description: 'The session cookie of the request names a session that no longer exists',
        },
        ...always,
      },
    },
  ],
};

const foreign = { status: HttpStatus.FORBIDDEN, description: 'The request came from another site' };
const unknown = (description: string) => ({
  status: HttpStatus.NOT_FOUND,
  description,
  content: { 'application/problem+json': { schema: problemReply as object } },
});
const unlisted = unknown('This server does not list the sessions of users (`SESSION_LIST_UNAVAILABLE`)');
const text = (description: string) => ({ type: 'string', description });

const draftKey = {
  type: 'object',
  required: ['key', 'previous', 'maxAge', 'session'],
  properties: {
    key: text('The key that encrypts: 32 bytes in base64url'),
    previous: {
      type: 'array',
      items: { type: 'string' },
      description: 'Keys of earlier secrets, which open older drafts',
    },
    maxAge: secondsSchema('How long a draft is kept'),
    session: text('The hash of the session'),
    signedOut: {
      type: 'boolean',
      enum: [true],
      description: 'The user signed out of the session in the parameter `after`',
    },
  },
};

/** Describes the routes of this package in the application's OpenAPI document, if it has `@nestjs/swagger`. */
export function describeRoutes(controller: Type<unknown>): void {
  const api = swagger();
  if (!api) return;
  const { ApiExcludeEndpoint, ApiOperation, ApiParam, ApiQuery, ApiResponse, ApiTags } = api;
  const on = (name: string, ...decorators: MethodDecorator[]) => {
    const descriptor = Object.getOwnPropertyDescriptor(controller.prototype, name) as PropertyDescriptor;
    for (const decorate of decorators) decorate(controller.prototype, name, descriptor);
  };
  const unavailable = {
    status: HttpStatus.SERVICE_UNAVAILABLE,
    description: 'The session cannot be checked right now',
  };

  ApiTags('session')(controller);
  on(
    'ping',
    ApiOperation({ summary: 'The status of the session; the request is not activity' }),
    ApiQuery({
      name: 'idleFor',
      required: false,
      schema: secondsSchema('Time since the last activity that the browser saw') as object,
    }),
    ApiQuery({
      name: 'session',
      required: false,
      schema: { type: 'string' },
      description: 'The tag of the session that the report is about',
    }),
    ApiQuery({
      name: 'n',
      required: false,
      schema: { type: 'string', pattern: NONCE.source },
      description: 'A text that the answer repeats, so that the browser can tell it from a cached one',
    }),
    ApiResponse({ status: HttpStatus.OK, description: 'The status of the session', schema: reply as object }),
    ApiResponse(unavailable),
  );
  on(
    'end',
    ApiOperation({ summary: 'Signs out' }),
    ApiResponse({ status: HttpStatus.NO_CONTENT, description: 'The user is signed out' }),
    ApiResponse({ status: HttpStatus.FORBIDDEN, description: 'The request came from another site' }),
    ApiResponse(unavailable),
  );
  on(
    'list',
    ApiOperation({ summary: 'The sessions of the user, the oldest first; empty if nobody is signed in' }),
    ApiResponse({ status: HttpStatus.OK, description: 'The sessions', schema: listReply as object }),
    ApiResponse(foreign),
    ApiResponse(unlisted),
    ApiResponse(unavailable),
  );
  on(
    'endListed',
    ApiOperation({ summary: 'Ends a session of the user; the current one is signed out' }),
    ApiParam({ name: 'id', description: 'The `id` of the session in the list' }),
    ApiResponse({ status: HttpStatus.NO_CONTENT, description: 'The session has ended' }),
    ApiResponse(foreign),
    ApiResponse(unknown('The user has no session with this id (`SESSION_NOT_FOUND`)')),
    ApiResponse(unavailable),
  );
  on(
    'endOthers',
    ApiOperation({ summary: 'Ends all other sessions of the user' }),
    ApiQuery({
      name: 'current',
      required: false,
      schema: { type: 'string', enum: ['true'] },
      description: 'Whether to sign out the current session, too',
    }),
    ApiResponse({ status: HttpStatus.OK, description: 'How many have ended', schema: endedReply as object }),
    ApiResponse(foreign),
    ApiResponse(unlisted),
    ApiResponse(unavailable),
  );
  on(
    'draftKey',
    ApiOperation({ summary: 'The key of the user for drafts' }),
    ApiQuery({
      name: 'after',
      required: false,
      schema: { type: 'string' },
      description: 'The hash of an earlier session: the answer says whether it was signed out',
    }),
    ApiResponse({ status: HttpStatus.OK, description: 'The key', schema: draftKey as object }),
    ApiResponse({ status: HttpStatus.UNAUTHORIZED, description: 'Nobody is signed in' }),
    ApiResponse({ status: HttpStatus.FORBIDDEN, description: 'The request came from another site' }),
    ApiResponse({ status: HttpStatus.NOT_FOUND, description: 'The option drafts is not set' }),
    ApiResponse(unavailable),
  );
  for (const file of ['client', 'extras', 'drafts', 'signInHere', 'signedIn', 'texts']) on(file, ApiExcludeEndpoint());
}
