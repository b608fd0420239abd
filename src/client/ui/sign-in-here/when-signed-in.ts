import { transport } from '../../inputs/transport.js';
import type { SessionTimeoutClient } from '../../page.js';

/**
 * Resolves when the server has said that the user of the page is signed in. If the session has ended, it resolves when
 * the user has signed in again and the page has come back.
 */
export async function whenSignedIn(client: SessionTimeoutClient, own: string): Promise<void> {
  if (isShown(client)) {
    const { reply } = await transport(own).ping();
    if (!reply) throw new Error('nestjs-session-timeout: the server does not say who is signed in.');
    const { session, user } = client.snapshot();
    // The same user may have another session by now.
    if ('session' in reply && (reply.session === session || (user && reply.user === user))) return;
  }
  await new Promise<void>((resolve) => {
    let wasShown = isShown(client);
    const undo = client.subscribe(() => {
      const shows = isShown(client);
      if (shows && !wasShown) {
        undo();
        resolve();
      }
      wasShown = shows;
    });
    client.check();
  });
}

/** Whether the page belongs to a living session, as far as it knows. */
function isShown(client: SessionTimeoutClient): boolean {
  const { state, concealed } = client.snapshot();
  return (state === 'active' || state === 'warning') && !concealed;
}
