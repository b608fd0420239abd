// The parts that the pages use of packages which are not installed here.

declare module '@angular/core' {
  interface Signal<T> {
    (): T;
    set(value: T): void;
    asReadonly(): () => T;
  }
  export abstract class DestroyRef {
    abstract onDestroy(callback: () => void): () => void;
  }
  export function inject<T>(token: abstract new () => T): T;
  export function signal<T>(value: T): Signal<T>;
}

declare module '@nestjs/config' {
  export class ConfigModule {}
  export class ConfigService {
    get(name: string, fallback: string): string;
  }
}

declare module '@nestjs/passport' {
  import type { CanActivate, DynamicModule, ExecutionContext } from '@nestjs/common';
  interface Guard extends CanActivate {
    canActivate(context: ExecutionContext): Promise<boolean>;
    logIn(request: object): Promise<void>;
  }
  export function AuthGuard(strategy: string): new () => Guard;
  export function PassportStrategy(strategy: new (...options: never[]) => object): new () => object;
  export abstract class PassportSerializer {}
  export class PassportModule {
    static register(options: { session: boolean }): DynamicModule;
  }
}

declare module '@opentelemetry/exporter-prometheus' {
  import type { MetricReader } from '@opentelemetry/sdk-metrics';
  export const PrometheusExporter: new () => MetricReader;
}

declare module 'connect-pg-simple' {
  import type { Store } from 'express-session';
  interface Options {
    readonly pool: import('pg').Pool;
    readonly ttl: number;
    readonly createTableIfMissing: boolean;
  }
  export default function connectPgSimple(session: object): new (options: Options) => Store;
}

declare module 'vite' {
  export function defineConfig(config: { server: { proxy: Record<string, string> } }): object;
}

declare module 'vue' {
  export function onScopeDispose(callback: () => void): void;
  export function shallowRef<T>(value: T): { value: T };
}
