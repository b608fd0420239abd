import { attempt } from '../../attempt.js';
import { ownUrl } from '../../inputs/own-url.js';
import type { SessionTimeoutClient } from '../../page.js';
import { type MayRun, RUNNING } from '../../running-client.js';
import type { Ending } from '../../state/session-state.js';
import { COVER } from '../dialogs.js';
import { loadStrings } from '../strings.js';
import { keptPage } from './kept-page.js';
import { loginWindow, loginWindowUrl } from './login-window.js';
import type { SignInContext, SignInPart } from './options.js';
import { tellRestored } from './restored-event.js';
import { type Progress, signInDialog } from './sign-in-dialog.js';
import type { Meaning } from './sign-in-state.js';
import { whenSignedIn } from './when-signed-in.js';

/** Set while a page waits for its user. The core calls it when it finds the session ended again. */
let endedAgain: ((reopen: () => void) => void) | undefined;

/** See {@link SignInPart}. */
export const signInHere: SignInPart['signInHere'] = async (client, options, url, ...end) => {
  const [reopen, ending, loginUrl] = end;
  const own = ownUrl(url);
  if (!reopen || !ending) return whenSignedIn(client, own);
  if (endedAgain) return endedAgain(reopen);
  const { user } = client.snapshot();
  const cover = document.querySelector<HTMLDialogElement>(COVER);
  if (!user || !loginUrl) {
    console.error("nestjs-session-timeout: whenEnded: 'sign-in-here' needs the options identify and redirectTo.");
  }
  if (!user || !loginUrl || !cover) throw new Error('This page has to be left.');
  await loadStrings(options, url);
  await keep(client, options, { own, url, cover, user, ending, loginUrl, reopen });
};

/** A page, and what is known about the end of its session. */
interface EndedPage {
  readonly own: string;
  readonly url: string;
  readonly cover: HTMLDialogElement;
  readonly user: string;
  readonly ending: Ending;
  readonly loginUrl: string;
  reopen(): void;
}

/** Keeps a page until its user has signed in. Rejects if the page has to be left. */
function keep(client: SessionTimeoutClient, options: SignInContext, page: EndedPage): Promise<void> {
  const { own, url, cover, user, ending, loginUrl } = page;
  // Recordings may be private, too.
  document.querySelectorAll<HTMLMediaElement>('audio,video').forEach((media) => media.pause());
  let { reopen } = page;
  let progress: Progress = 'offer';
  const target = (): string => loginWindowUrl(loginUrl, ending, url, cover.lang);
  const view = loginWindow(target);

  return new Promise((resolve, reject) => {
    const leave = (): void => finish(() => reject(new Error('This page has to be left.')));
    const dialog = signInDialog(cover, options, isLed(user) ? undefined : { ending, target, open, follow, leave });
    const kept = keptPage(client, own, { user, hear, rest: dialog.untitle, resume: dialog.entitle });
    const unsubscribe = client.subscribe(() => client.snapshot().concealed || finish(resolve));

    function open(): boolean {
      const opens = view.open();
      if (opens) follow();
      else progress = 'blocked';
      return opens;
    }

    function follow(): void {
      progress = 'waiting';
      kept.askOften();
    }

    async function hear(meaning: Meaning): Promise<void> {
      if (!isRunning(client)) return finish(resolve);
      if (meaning === 'over') return leave();
      if (meaning !== 'same-user') return dialog.say(meaning === 'nobody' ? progress : meaning);
      dialog.say('restoring');
      await tellRestored(options.onRestored);
      // The user may have signed out in the meantime.
      if (!endedAgain) return;
      dialog.untitle();
      reopen();
    }

    function finish(settle: () => void): void {
      endedAgain = undefined;
      unsubscribe();
      kept.stop();
      dialog.close();
      view.close();
      settle();
    }

    endedAgain = (again) => {
      reopen = again;
      dialog.entitle();
      dialog.say(progress);
    };
    dialog.entitle();
    void kept.ask();
  });
}

/** Whether the top page around this frame belongs to the same user. Then the top page shows the dialog. */
function isLed(user: string): boolean {
  if (window.top === window) return false;
  return attempt(() => (window.top as MayRun | null)?.[RUNNING]?.snapshot().user) === user;
}

function isRunning(client: SessionTimeoutClient): boolean {
  return (window as MayRun)[RUNNING] === client;
}
