import { HttpStatus, Injectable, RequestMethod, type Type } from '@nestjs/common';
import { HTTP_CODE_METADATA, METHOD_METADATA } from '@nestjs/common/constants.js';
import { Reflector } from '@nestjs/core';
import { reasons } from '../../policy/reason.js';
import { ControllerExplorer, type Handler } from './controller-explorer.js';
import { AllowExpired, OwnRoute } from '../decorators.js';
import { optionalPackage } from './optional-package.js';

// Metadata keys of @nestjs/swagger: the described answers of a class or a handler, and those found by its plugin.
const RESPONSES = 'swagger/apiResponse';
const PLUGIN = '_OPENAPI_METADATA_FACTORY';

/** Returns `@nestjs/swagger` if the application has it. */
export const swagger = () => optionalPackage<typeof import('@nestjs/swagger')>('@nestjs/swagger');

const unauthorized = () => ({
  status: HttpStatus.UNAUTHORIZED,
  description: 'The session has ended.',
  content: { 'application/problem+json': { schema: problem } },
});

const problem = {
  title: 'SessionExpired',
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'code', 'reason'],
  properties: {
    type: { type: 'string', format: 'uri', example: 'urn:nestjs-session-timeout:session-expired:idle' },
    title: { type: 'string', example: 'Session expired' },
    status: { type: 'integer', example: HttpStatus.UNAUTHORIZED },
    detail: { type: 'string', description: 'The reason, as a text for users' },
    code: { type: 'string', enum: ['SESSION_EXPIRED'] },
    reason: { type: 'string', enum: [...reasons] },
    loginUrl: { type: 'string', description: 'Where to sign in again' },
  },
};

/**
 * Describes the refusal of ended sessions in the application's OpenAPI document. This happens in the constructor,
 * because documents are created before the application starts. A 401 that the application describes itself is kept.
 */
@Injectable()
export class OpenApiRefusal {
  constructor(
    private readonly controllers: ControllerExplorer,
    private readonly reflector: Reflector,
  ) {
    const ApiResponse = swagger()?.ApiResponse;
    if (!ApiResponse) return;
    for (const controller of controllers.all()) {
      if (!reflector.get(OwnRoute, controller)) this.describe(controller, ApiResponse);
    }
  }

  private describe(
    controller: Type<unknown>,
    ApiResponse: (options: object) => ClassDecorator & MethodDecorator,
  ): void {
    if (describes401(controller)) return;
    const handlers = this.controllers.handlersOf(controller);
    const refusing = handlers.filter(
      ({ handler }) => !this.reflector.getAllAndOverride(AllowExpired, [handler, controller]),
    );
    if (refusing.length === 0) return;
    if (refusing.length === handlers.length) return ApiResponse(unauthorized())(controller) as undefined;

    for (const { name, handler } of refusing.filter(({ handler }) => !describes401(handler))) {
      const describesNone = !Reflect.hasMetadata(RESPONSES, handler);
      // The plugin describes only handlers without described answers. It knows more about them than we do.
      if (describesNone && PLUGIN in controller) continue;
      const descriptor = { value: handler };
      if (describesNone) ApiResponse({ status: usualStatus(handler) })(controller.prototype, name, descriptor);
      ApiResponse(unauthorized())(controller.prototype, name, descriptor);
    }
  }
}

function describes401(target: object): boolean {
  const responses: object | undefined = Reflect.getMetadata(RESPONSES, target);
  return responses !== undefined && HttpStatus.UNAUTHORIZED in responses;
}

/** Returns the default status of a handler. */
function usualStatus(handler: Handler): number {
  const isPost = Reflect.getMetadata(METHOD_METADATA, handler) === RequestMethod.POST;
  return Reflect.getMetadata(HTTP_CODE_METADATA, handler) ?? (isPost ? HttpStatus.CREATED : HttpStatus.OK);
}
