import type { CanActivate, ExceptionFilter } from '@nestjs/common';
import { FILTER_CATCH_EXCEPTIONS } from '@nestjs/common/constants.js';
import { APP_FILTER, type ApplicationConfig, type ModulesContainer } from '@nestjs/core';
import type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';
import { SessionTimeoutGuard } from '../session-timeout.guard.js';

type Exception = abstract new (...args: never[]) => unknown;

/** One of our filters: its class, and the instance of this application. */
type OurFilter = readonly [FilterClass: abstract new (...args: never[]) => ExceptionFilter, ours: ExceptionFilter];

/**
 * Puts our guard before all others. Otherwise global guards of the root module would refuse ended sessions themselves,
 * without the reason. A subclass that the application provides replaces our guard. Nest reads the list later, when it
 * registers the routes.
 */
export function putGuardFirst(config: ApplicationConfig, ours: CanActivate): void {
  const guards = config.getGlobalGuards();
  const others = guards.filter((guard) => guard !== ours);
  const own = others.find((guard) => guard instanceof SessionTimeoutGuard);
  // Nest creates such a guard for each request, and asks it after those that exist once.
  const isPerRequest = config
    .getGlobalRequestGuards()
    .some(({ metatype }) => isSubclass(metatype, SessionTimeoutGuard));
  const first = own ? [own] : isPerRequest ? [] : [ours];
  guards.splice(0, guards.length, ...first, ...others.filter((guard) => guard !== own));
}

/**
 * Lets our filters answer before those that modules provide, but after those of `app.useGlobalFilters()`. Nest asks the
 * last filter of the list first, and modules register their filters in the order of the imports. A subclass that the
 * application provides replaces our filter.
 */
export function putFiltersFirst(
  config: ApplicationConfig,
  modules: ModulesContainer,
  filters: readonly OurFilter[],
): void {
  const all = config.getGlobalFilters();
  const provided = new Set(filtersOf(modules));
  const first = filters.map(
    ([FilterClass, ours]) => all.findLast((filter) => filter instanceof FilterClass && filter !== ours) ?? ours,
  );
  const ours = new Set([...first, ...filters.map(([, instance]) => instance)]);
  const others = all.filter((filter) => !ours.has(filter));
  const isProvided = (filter: ExceptionFilter) => provided.has(filter);
  const [before, after] = [others.filter(isProvided), others.filter((filter) => !isProvided(filter))];
  all.splice(0, all.length, ...before, ...first, ...after);
  for (const [index, [FilterClass]] of filters.entries()) {
    putFilterFirstPerRequest(config, modules, FilterClass, first[index] as ExceptionFilter, after);
  }
}

/**
 * Does the same among the filters that Nest creates for each request, which it asks before all others.
 *
 * @param ours the filter that answers otherwise
 * @param global those of `app.useGlobalFilters()`. If one of them answers in place of ours, ours must not come before it
 */
function putFilterFirstPerRequest(
  config: ApplicationConfig,
  modules: ModulesContainer,
  FilterClass: OurFilter[0],
  ours: ExceptionFilter,
  global: readonly ExceptionFilter[],
): void {
  const perRequest = config.getGlobalRequestFilters();
  const own = perRequest.find(({ metatype }) => isSubclass(metatype, FilterClass));
  const isOurTurn = perRequest.length > 0 && !global.some((filter) => catchesFor(filter, FilterClass));
  const last = own ?? (isOurTurn ? wrapperOf(modules, ours) : undefined);
  if (last) perRequest.splice(0, perRequest.length, ...perRequest.filter((other) => other !== last), last);
}

/** Whether a filter gets some of the exceptions of one of our filters before it. */
function catchesFor(filter: ExceptionFilter, FilterClass: OurFilter[0]): boolean {
  const caught = exceptionsOf(filter.constructor);
  return caught.length === 0 || exceptionsOf(FilterClass).some((ours) => caught.some((Base) => isSubclass(ours, Base)));
}

/** The exceptions in the `@Catch()` of a filter; none if it catches everything. */
function exceptionsOf(FilterClass: object): readonly Exception[] {
  return (Reflect.getMetadata(FILTER_CATCH_EXCEPTIONS, FilterClass) as readonly Exception[] | undefined) ?? [];
}

/** What Nest knows an instance by. */
function wrapperOf(modules: ModulesContainer, filter: ExceptionFilter): InstanceWrapper<ExceptionFilter> | undefined {
  for (const { providers } of modules.values()) {
    for (const wrapper of providers.values()) {
      if (wrapper.instance === filter) return wrapper as InstanceWrapper<ExceptionFilter>;
    }
  }
  return undefined;
}

/** The filters that modules provide as `APP_FILTER`. Nest gives each of them a token of its own. */
function filtersOf(modules: ModulesContainer): ExceptionFilter[] {
  return [...modules.values()].flatMap(({ providers }) =>
    [...providers]
      .filter(([token]) => typeof token === 'string' && token.startsWith(`${APP_FILTER} (`))
      .map(([, { instance }]) => instance as ExceptionFilter),
  );
}

/** Whether something is a subclass of a class, or the class itself. */
export function isSubclass(value: unknown, Base: abstract new (...args: never[]) => unknown): boolean {
  return typeof value === 'function' && (value === Base || value.prototype instanceof Base);
}
