// Counts how often the client asks the server in an hour: the real client in a simulated browser.
import { Server, SECOND, World } from '../../test/client/support/world.js';
import { report, task } from '../support/child.js';

export interface PingsTask {
  readonly tabs: number;
  readonly isActive: boolean;
}

const MINUTE = 60 * SECOND;

const { tabs, isActive } = task<PingsTask>();
const server = new Server(15 * MINUTE, 720 * MINUTE, 2 * MINUTE);
const world = new World(server);
server.signIn();
for (let i = 0; i < tabs; i += 1) {
  // Only one tab is visible, and the user reads in it.
  world.open({ hidden: i > 0 });
  await world.run(10 * SECOND);
}
const opened = server.pings.length;
for (let passed = 0; passed < 60 * MINUTE; passed += 3 * SECOND) {
  if (isActive) world.tabs[0]?.move();
  await world.run(3 * SECOND);
}
report(server.pings.length - opened);
