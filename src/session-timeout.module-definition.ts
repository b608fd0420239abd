import { ConfigurableModuleBuilder, type DynamicModule } from '@nestjs/common';
import { completed } from './options/declarations.js';
import { resolveSettings } from './options/resolve-settings.js';
import { ExtraDeclarations, type SessionTimeoutExtras } from './options/session-timeout.extras.js';
import type { SessionTimeoutOptions, SessionTimeoutOptionsFactory } from './options/session-timeout.options.js';
import { SETTINGS } from './options/settings.js';
import { pingController } from './ping/ping.controller.js';

/** What makes `forRoot()` and `forRootAsync()` out of the options. */
export const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN, ASYNC_OPTIONS_TYPE } =
  new ConfigurableModuleBuilder<SessionTimeoutOptions>()
    .setClassMethodName('forRoot')
    .setFactoryMethodName('createSessionTimeoutOptions' satisfies keyof SessionTimeoutOptionsFactory)
    .setExtras<SessionTimeoutExtras>({ ...new ExtraDeclarations() }, complete)
    .build();

/** The options of `SessionTimeoutModule.forRootAsync()`. */
export type SessionTimeoutAsyncOptions = typeof ASYNC_OPTIONS_TYPE;

/** Adds what depends on the extras, which are known before the options. */
function complete(definition: DynamicModule, extras: SessionTimeoutExtras): DynamicModule {
  const { path, isGlobal } = completed(ExtraDeclarations, extras);
  return {
    ...definition,
    global: isGlobal,
    controllers: [pingController(path)],
    providers: [
      ...(definition.providers ?? []),
      {
        provide: SETTINGS,
        useFactory: (options: SessionTimeoutOptions) => resolveSettings(options, extras),
        inject: [MODULE_OPTIONS_TOKEN],
      },
    ],
  };
}
