import { All, Controller, Delete, Get, Module, Param, Post, Version, VersioningType } from '@nestjs/common';
import { RouterModule } from '@nestjs/core';
import { SessionTimeoutModule } from '../../../src/index.js';
import { type AppOptions, byUser, PagesController, startApp, stopApps } from '../../support/app.js';
import { collector } from '../../support/logs.js';

afterEach(stopApps);

async function start(given: AppOptions) {
  const logs: string[] = [];
  const app = await startApp({ ...given, logger: collector(logs) });
  return { ...app, logs };
}

const swallowed = (logs: string[]) => logs.filter((line) => line.includes('which belongs to SessionTimeoutModule'));

@Controller('session')
class SessionsController {
  @Get(':id')
  find(@Param('id') id: string) {
    return { id };
  }
}

@Controller('session')
class OtherSessionsController {
  @Post(':id')
  change() {
    return {};
  }

  @Get(':id/details')
  details() {
    return {};
  }
}

@Controller()
class CatchAllController {
  @All('*path')
  all() {
    return {};
  }
}

@Controller('session')
class ListController {
  @Get('list')
  list() {
    return [];
  }

  @Delete('list/:id')
  end() {
    return {};
  }

  @Get('draft-key')
  key() {
    return {};
  }
}

@Controller('session/texts')
class TextsController {
  @Get(':name')
  text() {
    return '';
  }
}

@Controller('session')
class VersionedController {
  @Get(':id')
  @Version('2')
  find() {
    return {};
  }
}

@Module({ controllers: [SessionsController] })
class LaterModule {}

@Module({ controllers: [SessionsController] })
class FirstModule {}

describe('a route of the application that takes those of this package', () => {
  test.each([
    ['a parameter', SessionsController, ['SessionsController.find() at "/session/:id" answers GET /session/ping']],
    [
      'a parameter of a POST',
      OtherSessionsController,
      ['OtherSessionsController.change() at "/session/:id" answers POST'],
    ],
    ['a path for everything', CatchAllController, ['CatchAllController.all() at "/*path" answers GET /session/ping']],
    [
      'the paths of the list of sessions',
      ListController,
      [
        'ListController.end() at "/session/list/:id" answers DELETE /session/list/:id',
        'ListController.list() at "/session/list" answers GET /session/list',
      ],
    ],
    ['a path of texts', TextsController, ['TextsController.text() at "/session/texts/:name" answers GET']],
    ['another path', PagesController, []],
  ])('is warned of by name: %s', async (_case, controller, expected) => {
    const { logs } = await start({ controllers: [controller] });
    expect(swallowed(logs).toSorted()).toEqual(expected.map((text) => expect.stringContaining(text)));
  });

  test('is not warned of if only the end of its path is the same', async () => {
    @Controller('admin/session')
    class AdminController {
      @Get(['ping', 'list'])
      list() {
        return [];
      }

      @Post('end')
      end() {
        return {};
      }
    }

    @Module({ controllers: [AdminController] })
    class AdminModule {}

    const { logs, request } = await start({ imports: [AdminModule] });
    expect(swallowed(logs)).toEqual([]);
    await request.get('/admin/session/ping').expect(200, []);
    const { body } = await request.get('/session/ping').expect(200);
    expect(body).toMatchObject({ state: 'anonymous' });
  });

  test('is not warned of if it is for another host', async () => {
    @Controller({ path: 'session', host: 'admin.example.com' })
    class AdminController extends SessionsController {}

    const { logs, request } = await start({ controllers: [AdminController] });
    expect(swallowed(logs)).toEqual([]);
    const { body } = await request.get('/session/ping').expect(200);
    expect(body).toMatchObject({ state: 'anonymous' });
  });

  test('is warned of where it takes what the options need, and not otherwise', async () => {
    const drafts = { secret: 'secret of at least 32 characters' };
    const withDrafts = await start({ controllers: [ListController], options: { drafts } });
    expect(swallowed(withDrafts.logs).join()).toContain('answers GET /session/draft-key');
    const withoutUsers = await start({ controllers: [ListController], options: { identify: undefined } });
    expect(swallowed(withoutUsers.logs)).toEqual([]);
  });

  test('is warned of behind a global prefix', async () => {
    const { logs } = await start({ controllers: [SessionsController], setup: (app) => app.setGlobalPrefix('api') });
    expect(swallowed(logs)[0]).toContain(
      'SessionsController.find() at "/api/session/:id" answers GET /api/session/ping',
    );
  });

  test.each([
    ['its own path', 'own', [], undefined],
    ['the path of our module', 'api', ['SessionsController.find() at "/api/session/:id" answers GET'], undefined],
    [
      'the path of our module, behind a prefix',
      'api',
      ['SessionsController.find() at "/all/api/session/:id" answers GET'],
      (app) => app.setGlobalPrefix('all'),
    ],
  ] satisfies [string, string, string[], AppOptions['setup']][])(
    'is warned of by name if RouterModule gives its module %s',
    async (_what, path, expected, setup) => {
      const { logs } = await start({
        module: [FirstModule, SessionTimeoutModule.forRoot({ identify: byUser })],
        imports: [
          RouterModule.register([
            { path, module: FirstModule },
            { path: 'api', module: SessionTimeoutModule },
          ]),
        ],
        ...(setup ? { setup } : {}),
      });
      expect(swallowed(logs)).toEqual(expected.map((text) => expect.stringContaining(text)));
    },
  );

  test('does not exist if RouterModule gives our module a path', async () => {
    const { logs, request } = await start({
      imports: [RouterModule.register([{ path: 'api', module: SessionTimeoutModule }])],
    });
    expect(swallowed(logs)).toEqual([]);
    await request.get('/api/session/ping').expect(200, /anonymous/);
  });

  test('is warned of if it is mounted on Express itself', async () => {
    const { logs } = await start({
      setup: (app) =>
        app
          .getHttpAdapter()
          .getInstance()
          .get('/session/:id', (_req: unknown, res: { end(): void }) => res.end()),
    });
    expect(swallowed(logs)[0]).toContain('A route at "/session/:id" answers GET /session/ping');
  });

  test('is not warned of with a path of our own', async () => {
    const { logs } = await start({ controllers: [SessionsController], options: { path: 'timeout' } });
    expect(swallowed(logs)).toEqual([]);
  });

  test('is not warned of if it comes later', async () => {
    const { logs, request } = await start({ imports: [LaterModule] });
    expect(swallowed(logs)).toEqual([]);
    await request.get('/session/ping').expect(200, /anonymous/);
  });

  test('is not warned of if a header decides whether it answers', async () => {
    const { logs, request } = await start({
      controllers: [VersionedController],
      setup: (app) => app.enableVersioning({ type: VersioningType.HEADER, header: 'x-version' }),
    });
    expect(swallowed(logs)).toEqual([]);
    await request.get('/session/ping').expect(200, /anonymous/);
  });
});
