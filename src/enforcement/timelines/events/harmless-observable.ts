import { Observable, type Observer, type Operator, type Subscription } from 'rxjs';

type Next<T> = (value: T) => void;

/**
 * An observable whose subscribers may throw. rxjs throws the error of a subscriber again in a later turn of the event
 * loop. Nobody can catch it there, and the process ends. Here, `onError` gets the error.
 */
export class HarmlessObservable<T> extends Observable<T> {
  constructor(
    source: Observable<T>,
    private readonly onError: (error: unknown) => void,
  ) {
    super();
    this.source = source;
  }

  /** Observables that operators create from this one work in the same way. */
  override lift<R>(operator?: Operator<T, R>): Observable<R> {
    const lifted = new HarmlessObservable<R>(this as unknown as Observable<R>, this.onError);
    lifted.operator = operator as unknown as Operator<R, R>;
    return lifted;
  }

  override subscribe(observer?: Partial<Observer<T>> | Next<T>): Subscription;
  override subscribe(
    next?: Next<T> | null,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription;
  override subscribe(observer?: Partial<Observer<T>> | Next<T> | null, ...others: unknown[]): Subscription {
    return Reflect.apply(super.subscribe, this, [this.harmless(observer), ...others]) as Subscription;
  }

  private harmless(observer: Partial<Observer<T>> | Next<T> | null | undefined) {
    if (typeof observer === 'function') return this.caught(observer);
    // Operators subscribe with objects of rxjs, which have to stay as they are.
    if (!observer?.next || 'closed' in observer) return observer;
    return { ...observer, next: this.caught((value) => observer.next?.(value)) };
  }

  private caught(next: Next<T>): Next<T> {
    return (value) => {
      try {
        const returned: unknown = next(value);
        if (returned instanceof Promise) returned.catch(this.onError);
      } catch (error) {
        this.onError(error);
      }
    };
  }
}
