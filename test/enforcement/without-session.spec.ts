import { Controller, Get, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import supertest from 'supertest';
import { SessionTimeoutModule } from '../../src/index.js';
import { collector } from '../support/logs.js';

@Controller()
class PagesController {
  @Get('page')
  page() {
    return {};
  }
}

@Module({ imports: [SessionTimeoutModule.forRoot()], controllers: [PagesController] })
class AppModule {}

test.each(['/page', '/session/ping'])(
  '%s without express-session fails with an error that says what to add and where',
  async (path) => {
    const logged: string[] = [];
    const moduleRef = await Test.createTestingModule({ imports: [AppModule] }).compile();
    const app = moduleRef.createNestApplication({ logger: collector(logged) });
    try {
      await app.init();
      await supertest(app.getHttpServer()).get(path).expect(500);
      expect(logged.join('\n')).toMatch(/Mount express-session before app\.listen\(\): app\.use\(session\(/);
    } finally {
      await app.close();
    }
  },
);
