import type { CanActivate, ExceptionFilter } from '@nestjs/common';
import { APP_FILTER, type ApplicationConfig, type ModulesContainer } from '@nestjs/core';
import { SessionTimeoutGuard } from '../session-timeout.guard.js';

/** One of our filters: its class, and the instance of this application. */
type OurFilter = readonly [FilterClass: abstract new (...args: never[]) => ExceptionFilter, ours: ExceptionFilter];

/**
 * Puts our guard before all others. Otherwise global guards of the root module would refuse ended sessions themselves,
 * without the reason. A subclass that the application provides replaces our guard. Nest reads the list later, when it
 * registers the routes.
 */
export function judgeFirst(config: ApplicationConfig, ours: CanActivate): void {
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
export function answerFirst(config: ApplicationConfig, modules: ModulesContainer, filters: readonly OurFilter[]): void {
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
