import { nameOfCookie, setsCookie } from '../../express-session/presented-cookie.js';
import { repeatedCookie } from '../../express-session/repeated-cookie.js';
import type { Settings } from '../../options/settings.js';
import type { RequestState } from '../lifecycle/request-session.js';

/** Finds browsers that send two session cookies with the same name. Other signed cookies may well be sent twice. */
export class RepeatedSessionCookie {
  private isFound = false;

  /** @param onFound called once with the name */
  constructor(
    private readonly settings: Pick<Settings, 'cookieName'>,
    private readonly onFound: (name: string) => void,
  ) {}

  /**
   * Looks at a request.
   *
   * @returns true when it has seen enough
   */
  watch({ http, req, res }: RequestState): boolean {
    // If the session was found, there is no loop.
    if (this.isFound || http.origin !== 'new' || repeatedCookie(req) === undefined) return this.isFound;
    const { presentedId } = http;
    const presented = presentedId === undefined ? undefined : nameOfCookie(req, presentedId);
    this.find(req, (name) => name === this.settings.cookieName || name === presented);
    // A sign-in shows which cookie belongs to express-session.
    if (!this.isFound)
      res.once('finish', () => this.find(req, (name) => http.exists && setsCookie(res, name, http.id)));
    return this.isFound;
  }

  private find(req: RequestState['req'], isOfSession: (name: string) => boolean): void {
    const name = this.isFound ? undefined : repeatedCookie(req, isOfSession);
    if (name === undefined) return;
    this.isFound = true;
    this.onFound(name);
  }
}
