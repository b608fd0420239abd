import { Observable, type Observer, type Operator, type Subscription } from 'rxjs';

type Next<T> = (value: T) => void;

/** An observer, each of whose methods may be missing. */
type Whole<T> = Partial<Observer<T>>;

/**
 * An observable whose subscribers and operators may throw. rxjs throws their errors again in a later turn of the event
 * loop. Nobody can catch them there, and the process ends. Here, `onError` gets them. As always in rxjs, the error of an
 * operator ends its subscription.
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
  override subscribe(
    observer?: Partial<Observer<T>> | Next<T> | null,
    error?: Next<unknown> | null,
    complete?: (() => void) | null,
  ): Subscription {
    const whole = (
      typeof observer === 'function' || !observer ? { next: observer, error, complete } : observer
    ) as Whole<T>;
    // Operators subscribe with objects of rxjs, which have to stay as they are.
    return super.subscribe('closed' in whole ? whole : this.harmless(whole));
  }

  /** The methods may be those of a class. */
  private harmless(observer: Whole<T>): Observer<T> {
    return {
      next: this.caught((value) => observer.next?.(value)),
      error: this.caught((error) => (observer.error ? observer.error(error) : this.onError(error))),
      complete: this.caught(() => observer.complete?.()),
    };
  }

  private caught<Given extends unknown[]>(work: (...given: Given) => unknown): (...given: Given) => void {
    return (...given) => {
      try {
        const returned: unknown = work(...given);
        if (returned instanceof Promise) returned.catch(this.onError);
      } catch (error) {
        this.onError(error);
      }
    };
  }
}
